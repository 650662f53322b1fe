"""Numbers and queues: things of the draft, few enough to be looked at one by one, and known by a name of their own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Field, ForeignKey, Max, Model, QuerySet
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from contactcenter.audit.followed import records_of
from contactcenter.foundation import teams
from contactcenter.tables.cells import Cells, stored
from contactcenter.tables.columns import Choices, Column, Found, Refused
from contactcenter.tables.models import ImportRow
from customers.crm.lists import ListError, Row

Texts = dict[str, str]
Values = dict[str, Any]
VERSION = "version"
"""Of what an import added, `before` says what version it was when it was new."""

SHOWN = 200
MOST_AT_ONCE = 10_000
"""Things that the lines of one batch may be about: a line can be a range."""


@dataclass(frozen=True)
class ThingTable:
    """A table of things of one model.

    `spread` gives the texts of each thing that a line is about, its name in the form in which it is stored; `key` is
    the field, or two of them, by which a thing is known. `waits` is a field that may point to a thing of the same file.
    """

    slug: str
    model: type[Model]
    names: tuple[str, ...]
    key: tuple[str, ...]
    needed: tuple[str, ...]
    spread: Callable[[Texts, Choices], list[Texts]]
    waits: str = ""
    has_regions: bool = False
    permissions: tuple[str, ...] = ()

    def field(self, name: str) -> "Field[Any, Any]":
        """The model's field behind a column."""
        found: Field[Any, Any] = self.model._meta.get_field(name)  # type: ignore[assignment]  # or a relation, which no column is
        return found

    def columns(self) -> list[Column]:
        """The columns, in the order in which they are exported."""
        return [Column(name, self.field(name).verbose_name, name in self.needed) for name in self.names]

    def size(self, row: Row, choices: Choices) -> int:
        """How many things a row is about: a range has many."""
        try:
            return len(self.spread(dict(row.values), choices))
        except Refused:
            return 1

    def look(self, rows: Sequence[Row], choices: Choices) -> list[Found]:
        """What each of `rows`, by the names of our columns, would do."""
        cells = {name: Cells(self.field(name), choices.user) for name in self.names}
        read = list(islice((each for row in rows for each in self._read(row, cells, choices)), MOST_AT_ONCE + 1))
        if len(read) > MOST_AT_ONCE:
            raise ListError(
                _("There are more than %(most)s in so few lines. Divide the ranges.") % {"most": MOST_AT_ONCE}
            )
        known = self._known([values for _row, values in read if isinstance(values, dict)])
        names_here = {str(values["slug"]) for _row, values in read if isinstance(values, dict) and "slug" in values}
        compare = partial(self._compared, cells=cells, known=known, names_here=names_here, choices=choices)
        return [compare(row, values) for row, values in read]

    def _read(self, row: Row, cells: Mapping[str, Cells], choices: Choices) -> Iterator[tuple[Row, Values | Refused]]:
        if row.problem:
            yield row, Refused("", row.problem)
            return
        try:
            for texts in self.spread(dict(row.values), choices):
                values: Values = {}
                for name, text in texts.items():
                    if name == self.waits:
                        values[name] = text
                    elif text or choices.empties:
                        values[name] = cells[name].read(text)
                for name in self.key:
                    if not values.get(name):
                        raise Refused(name, _("is missing"))
                yield row, values
        except Refused as refused:
            yield row, refused

    def _known(self, found: list[Values]) -> dict[tuple[Any, ...], Model]:
        last = self.key[-1]
        rows = self.model._default_manager.filter(**{f"{last}__in": [values[last] for values in found]})
        return {self._key(thing): thing for thing in rows}

    def _key(self, thing: Model) -> tuple[Any, ...]:
        return tuple(getattr(thing, name) for name in self.key)

    def _compared(
        self,
        row: Row,
        values: Values | Refused,
        *,
        cells: Mapping[str, Cells],
        known: Mapping[tuple[Any, ...], Model],
        names_here: set[str],
        choices: Choices,
    ) -> Found:
        if isinstance(values, Refused):
            return Found(row.line, column=values.column, reason=str(values.reason))
        key = tuple(values[name] for name in self.key)
        thing = known.get(key)
        label = str(values.get("label") or values.get("name") or key[-1])
        about = partial(Found, row.line, ":".join(map(str, key)), label if label == key[-1] else f"{label} ({key[-1]})")
        try:
            if thing and not teams.may_touch(choices.user, thing):
                raise Refused(self.key[-1], _("belongs to another team"))
            self._resolve(values, cells, names_here, choices, is_new=thing is None)
            return self._difference(about, thing, values, cells)
        except Refused as refused:
            return about(column=refused.column, reason=str(refused.reason))

    def _resolve(
        self, values: Values, cells: Mapping[str, Cells], names_here: set[str], choices: Choices, *, is_new: bool
    ) -> None:
        """Turn what may point to a thing of the same file into its short name."""
        if self.waits not in values:
            return
        text = values.pop(self.waits)
        if text in names_here:
            values[self.waits] = text
        elif text or (choices.empties and not is_new):
            values[self.waits] = cells[self.waits].shown(cells[self.waits].read(text))

    def _difference(
        self, about: Callable[..., Found], thing: Model | None, values: Values, cells: Mapping[str, Cells]
    ) -> Found:
        """What would change; the thing as it would be is checked as its form checks it."""
        changes, wanted = [], {}
        after = thing or self.model()
        for name, value in values.items():
            field = self.field(name)
            old = stored(after, field) if thing else None
            is_name = name == self.waits
            before = cells[name].shown(old)
            now = str(value) if is_name else cells[name].shown(value)
            if thing is None or (before != now if is_name else old != value):
                wanted[name] = value
                changes.append((name, before[:SHOWN], now[:SHOWN]))
                setattr(after, field.attname, cells[name].words.get(value) if is_name else value)
        if wanted:
            self.check(after)
        return about(target=thing.pk if thing else None, wanted=wanted, changes=changes, is_new=thing is None)

    def check(self, thing: Model) -> None:
        """Raises Refused for the first thing that the form would mark."""
        links = [each.name for each in self._links() if getattr(thing, each.attname) is not None]
        try:
            # A key of two fields was just looked up; whatever else has to be unique is asked for.
            thing.full_clean(exclude=links, validate_unique=len(self.key) == 1, validate_constraints=len(self.key) == 1)
        except ValidationError as error:
            column, messages = next(iter(error.message_dict.items()))
            raise Refused("" if column == NON_FIELD_ERRORS else column, messages[0]) from None

    def _links(self) -> "list[ForeignKey[Any, Any]]":
        return [each for each in self.model._meta.fields if isinstance(each, ForeignKey)]

    def write(self, rows: Sequence[ImportRow], user: Any) -> int:
        """Do what `rows` say, in the caller's transaction; how many could not be done any more. Raises Refused."""
        old = self.locked([row.target for row in rows if row.target])
        taken = self._known([row.wanted for row in rows if not row.target])
        slugs = self.slugs()
        new: list[tuple[ImportRow, Model]] = []
        changed: list[Model] = []
        pointing: list[tuple[Model, str]] = []
        for row in rows:
            thing = old.get(row.target) if row.target else self._new(row.wanted, taken, user)
            if thing is None or (row.target and not teams.may_touch(user, thing)):
                continue
            if row.target:
                row.before = self.standing(thing, row.wanted, slugs)
                changed.append(thing)
            else:
                new.append((row, thing))
            for name, value in row.wanted.items():
                if name == self.waits:
                    pointing.append((thing, value))
                else:
                    setattr(thing, self.field(name).attname, value)
        self.save([thing for _row, thing in new], changed, user)
        self._point(pointing, user)
        versions = self.versions([thing.pk for _row, thing in new])
        for row, thing in new:
            row.target, row.before = thing.pk, {VERSION: versions.get(thing.pk)}
        return len(rows) - len(new) - len(changed)

    def locked(self, keys: Sequence[int]) -> dict[int, Model]:
        """The things with these keys, which nobody else alters meanwhile."""
        found: dict[int, Model] = self.model._default_manager.select_for_update(of=("self",)).in_bulk(keys)
        return found

    def slugs(self) -> dict[int, str]:
        """The short names of what may be waited for."""
        return dict(self.model._default_manager.order_by().values_list("pk", "slug")) if self.waits else {}

    def standing(self, thing: Model, names: Iterable[str], slugs: Mapping[int, str]) -> Values:
        """What stands in these columns, as `wanted` has it."""
        found = {name: stored(thing, self.field(name)) for name in names}
        return found | ({self.waits: slugs.get(found[self.waits], "")} if self.waits in found else {})

    def versions(self, keys: Sequence[int]) -> dict[int, int]:
        """The latest record in the history of each thing: another one means that it was changed since."""
        records = records_of(self.model).filter(id__in=keys).order_by()
        return dict(records.values_list("id").annotate(Max("history_id")))

    def _new(self, wanted: Mapping[str, Any], taken: Mapping[tuple[Any, ...], Model], user: Any) -> Model | None:
        """A thing to be; None when somebody has made it meanwhile. It is of the team of whoever makes it."""
        if tuple(wanted[name] for name in self.key) in taken:
            return None
        team = min(teams.teams_of(user), default=None)
        return self.model(**({f"{teams.OWNER}_id": team} if team else {}))

    def save(self, new: list[Model], changed: list[Model], user: Any) -> None:
        """Write them, with their history, but for what waits."""
        fields = [name for name in self.names if name != self.waits]
        if new:
            bulk_create_with_history(new, self.model, default_user=user)
        if changed:
            bulk_update_with_history(changed, self.model, fields, default_user=user)

    def _point(self, pointing: list[tuple[Model, str]], user: Any) -> None:
        """Now that all of the file is there, point to it. Raises Refused where that would be a circle."""
        by_slug = dict(self.model._default_manager.order_by().values_list("slug", "pk")) if pointing else {}
        for thing, slug in pointing:
            self.point(thing, by_slug.get(slug), user)
        for thing, _slug in pointing:
            thing.refresh_from_db(fields=[self.waits])
            self.check(thing)

    def point(self, thing: Model, key: int | None, user: Any) -> None:
        """Let the thing lead to the one with this key, or to none."""
        setattr(thing, self.field(self.waits).attname, key)
        put_down_to(user, thing)
        thing.save(update_fields=[self.waits])

    def export(self, rows: "QuerySet[Any]", _user: Any) -> Iterator[list[str]]:
        """The cells of each thing, in the order of the columns."""
        cells = [Cells(self.field(name), None) for name in self.names]
        for thing in rows.iterator(chunk_size=2000):
            yield [each.shown(stored(thing, each.field)) for each in cells]


def put_down_to(user: Any, thing: Any) -> None:
    """What becomes of the thing next is told as this person's doing; django-simple-history asks the thing."""
    thing._history_user = user
