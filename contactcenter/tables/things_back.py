"""The way back for numbers and queues: what an import changed or added, each judged by itself."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import router, transaction
from django.db.models import PROTECT, ForeignKey, Model
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _

from contactcenter.foundation import consequences, teams
from contactcenter.tables.cells import Cells
from contactcenter.tables.columns import Refused
from contactcenter.tables.going_back import leave_alone, left_in, say, to_go_back
from contactcenter.tables.models import ImportRow
from contactcenter.tables.things import VERSION, ThingTable, Values, put_down_to

Kind = ImportRow.Kind


class ThingsBack:
    """What was changed goes back, as far as it is still as the import left it; what was added is deleted."""

    def __init__(self, table: ThingTable) -> None:
        self.table = table

    def look(self, rows: Sequence[ImportRow], user: Any) -> None:
        """Say of each of `rows` what would come of it: done, and not kept, as they hang on each other."""
        with transaction.atomic():
            self.write(rows, user)
            transaction.set_rollback(True)

    def write(self, rows: Sequence[ImportRow], user: Any) -> int:
        """Take back what `rows` say, in the caller's transaction; how many are left alone, which says why."""
        things = self.table.locked([row.target for row in rows if row.target])
        self._change_back([row for row in rows if row.kind == Kind.CHANGED], things, user)
        self._remove([row for row in rows if row.kind == Kind.REMOVED], things, user)
        return sum(row.kind not in ImportRow.TO_APPLY for row in rows)

    def _change_back(self, rows: Sequence[ImportRow], things: Mapping[int, Model], user: Any) -> None:
        names = {name for row in rows for name in row.wanted}
        cells = {name: Cells(self.table.field(name), user) for name in names}
        slugs = self.table.slugs()
        changed: list[Model] = []
        for row in rows:
            try:
                thing = _touchable(things.get(row.target or 0), user)
                back = self._wanted(row, thing, cells, slugs)
                if back:
                    self._set(thing, back, slugs, user)
                    changed.append(thing)
            except Refused as refused:
                leave_alone(row, refused)
        self.table.save([], changed, user)

    def _wanted(self, row: ImportRow, thing: Model, cells: Mapping[str, Cells], slugs: Mapping[int, str]) -> Values:
        """What is to stand there again, said in the row. Raises Refused when that cannot be."""
        now = self.table.standing(thing, row.wanted, slugs)
        back, stays = to_go_back(now, left_in(row), row.wanted)
        for name, value in back.items():
            if isinstance(self.table.field(name), ForeignKey) and value and not _is_there(value, cells[name]):
                raise Refused(name, _("What stood here before was deleted since."))
        changes = [(name, self._shown(cells, name, now[name]), self._shown(cells, name, back[name])) for name in back]
        labels = {column.name: column.shown for column in self.table.columns()} if stays else {}
        say(row, changes, [labels[name] for name in stays])
        return back

    def _shown(self, cells: Mapping[str, Cells], name: str, value: Any) -> str:
        return str(value) if name == self.table.waits else cells[name].shown(value)

    def _set(self, thing: Model, back: Values, slugs: Mapping[int, str], user: Any) -> None:
        """Give the thing what it had. Raises Refused for what its form would refuse, and leaves it as it was."""
        keys = {slug: key for key, slug in slugs.items()}
        values = {
            self.table.field(name).attname: keys.get(value) if name == self.table.waits else value
            for name, value in back.items()
        }
        former = {name: getattr(thing, name) for name in values}
        try:
            _give(thing, values)
            self.table.check(thing)
        except Refused:
            _give(thing, former)
            raise
        if self.table.waits in back:
            self.table.point(thing, keys.get(back[self.table.waits]), user)

    def _remove(self, rows: Sequence[ImportRow], things: Mapping[int, Model], user: Any) -> None:
        meta = self.table.model._meta
        may_delete = user.has_perm(f"{meta.app_label}.delete_{meta.model_name}")
        versions = self.table.versions([row.target for row in rows if row.target])
        leaving: dict[int, tuple[ImportRow, Model]] = {}
        for row in rows:
            thing = things.get(row.target or 0)
            try:
                if thing is None:
                    row.kind = Kind.UNCHANGED
                    continue
                if not may_delete:
                    raise Refused("", _("You may not delete it."))
                if versions.get(thing.pk) != row.wanted[VERSION]:
                    raise Refused("", _("Was changed since."))
                leaving[thing.pk] = (row, _touchable(thing, user))
            except Refused as refused:
                leave_alone(row, refused)
        for key, words in _in_use([thing for _row, thing in leaving.values()], user).items():
            leave_alone(leaving.pop(key)[0], Refused("", words))
        self._delete([thing for _row, thing in leaving.values()], user)

    def _delete(self, things: list[Model], user: Any) -> None:
        """Delete them with their history; among themselves they may point at each other."""
        model = self.table.model
        if self.table.waits:
            model._default_manager.filter(pk__in=[thing.pk for thing in things]).update(**{self.table.waits: None})
        for thing in things:
            put_down_to(user, thing)
        collector = Collector(using=router.db_for_write(model))
        collector.collect(things)
        collector.delete()


def _touchable(thing: Model | None, user: Any) -> Model:
    if thing is None:
        raise Refused("", _("Was deleted since."))
    if not teams.may_touch(user, thing):
        raise Refused("", _("Belongs to another team."))
    return thing


def _give(thing: Model, values: Values) -> None:
    for name, value in values.items():
        setattr(thing, name, value)


def _is_there(value: Any, cells: Cells) -> bool:
    return value in cells.slugs or value in cells.slugs.values()


def _in_use(things: Sequence[Model], user: Any) -> dict[int, str]:
    """Which of `things` have to stay, by key, and why. What leaves with them keeps none of them here."""
    found: dict[int, str] = {}
    for thing in things:
        for each in consequences.of_deletion([thing], user):
            if each.is_in_the_way and not each.how_many:
                found[thing.pk] = str(each)
    while new := _used({thing.pk for thing in things} - found.keys(), type(things[0]) if things else Model):
        found |= new
    return found


def _used(keys: Collection[int], model: type[Model]) -> dict[int, str]:
    """Which of these keys something points at that does not leave with them."""
    found: dict[int, str] = {}
    for _name, relation in consequences.relations(model) if keys else ():
        if relation.on_delete is PROTECT:
            field, rows = relation.field, relation.related_model._default_manager.order_by()
            users = rows.filter(**{f"{field.name}__in": keys})
            if relation.related_model is model:
                users = users.exclude(pk__in=keys)
            words = _("Is in use: %(things)s.") % {"things": relation.related_model._meta.verbose_name_plural}
            found |= dict.fromkeys(users.values_list(field.attname, flat=True), words)
    return found
