"""What hangs on a thing, in words and counts: asked before it is deleted, closed or switched off.

Each app says once, for each of its relations, what it means that something is pointed at; see `<app>/admin/uses.py`:

say({"routing.Number.flow": Use(ngettext_lazy("%(count)s number leads into it", …, "count"), in_lists=True)})

@further(Queue)
def switched(queues: Sequence[Queue], user: Any) -> Iterator[Consequence]: ...   what no relation shows
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import PROTECT, ForeignObjectRel, Model, QuerySet
from django.db.models import Count as Rows
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contactcenter.foundation import teams

NAMED = 5
"""How many of a kind are named, each with a link."""

MOST_COUNTED = 10_000
"""Nobody waits for the exact number of a million customers."""


class Count(int):
    """A number for a sentence: grouped as people write it, and with a + where counting stopped."""

    def __str__(self) -> str:
        shown = number_format(min(int(self), MOST_COUNTED), force_grouping=True)
        return f"{shown}+" if self > MOST_COUNTED else str(shown)


@dataclass(frozen=True)
class Consequence:
    """A sentence, the first few things it speaks of as (name, address), and what it is about.

    `is_in_the_way`: they must go before the thing can be deleted. `is_of_deletion`: of no matter where the thing is
    closed or switched off. `is_of_switching_off`: of no matter where it is deleted.
    """

    words: str
    named: Sequence[tuple[str, str]] = ()
    how_many: int = 0
    is_in_the_way: bool = False
    is_of_deletion: bool = False
    is_of_switching_off: bool = False

    @property
    def html(self) -> SafeString:
        """The sentence with its links."""
        links = [
            format_html('<a href="{}"><bdi>{}</bdi></a>', url, name) if url else format_html("<bdi>{}</bdi>", name)
            for name, url in self.named
        ]
        if self.how_many > len(links) > 0:
            links.append(format_html("{}", _("and others")))
        listed = format_html_join(", ", "{}", ((link,) for link in links))
        return format_html("{}: {}", self.words, listed) if links else format_html("{}", self.words)

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Use:
    """What is said of the rows that point to a thing; `page_of` leads from a row to what has a page, as in "flow".

    `in_lists`: a list of such things says how many of these rows each has. Not of rows that come by the million.
    """

    words: Any
    page_of: str = ""
    in_lists: bool = False


Further = Callable[[Sequence[Any], Any], Iterable[Consequence]]

_USES: dict[str, Use] = {}
_FURTHER: dict[type[Model], list[Further]] = {}


def say(uses: Mapping[str, Use]) -> None:
    """Say what relations mean: “app.Model.field” to words with %(count)s."""
    _USES.update(uses)


def further(model: type[Model]) -> Callable[[Further], Further]:
    """Registers what no relation to `model` shows."""

    def register(function: Further) -> Further:
        _FURTHER.setdefault(model, []).append(function)
        return function

    return register


def of_deletion(things: Sequence[Model], user: Any) -> list[Consequence]:
    """What hangs on `things`, all of one kind, when they go; what is in the way of that first."""
    return [each for each in _of(things, user) if not each.is_of_switching_off]


def of_switching_off(things: Sequence[Model], user: Any) -> list[Consequence]:
    """What hangs on `things`, all of one kind, while they stay, closed or switched off."""
    return [each for each in _of(things, user) if not each.is_of_deletion]


def uses(things: Sequence[Model]) -> dict[Any, list[tuple[str, int]]]:
    """For the keys of `things`, all of one kind: what uses each, as (name of the rows, how many). Bounded queries."""
    found: defaultdict[Any, list[tuple[str, int]]] = defaultdict(list)
    listed = [each for name, each in relations(type(things[0])) if _is_listed(name)] if things else []
    for relation in listed:
        model, field = relation.related_model, relation.field.attname
        rows = model._default_manager.filter(**{f"{relation.field.name}__in": things})
        for key, count in rows.order_by().values_list(field).annotate(Rows("pk")):
            found[key].append((str(model._meta.verbose_name_plural), count))
    return found


def _is_listed(relation: str) -> bool:
    return relation in _USES and _USES[relation].in_lists


def _of(things: Sequence[Model], user: Any) -> list[Consequence]:
    """Whatever hangs on them, in bounded queries."""
    if not things:
        return []
    model = type(things[0])
    found = [each for relation in relations(model) for each in _used(relation, things, user)]
    found += [each for function in _FURTHER.get(model, ()) for each in function(things, user)]
    return sorted(found, key=lambda each: not each.is_in_the_way)


def relations(model: type[Model]) -> list[tuple[str, ForeignObjectRel]]:
    """The relations to `model` that keep it from going or have something to say, by name."""
    named = [
        (f"{relation.related_model._meta.label}.{relation.field.name}", relation)
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and hasattr(relation, "on_delete")
    ]
    return [(name, each) for name, each in named if each.on_delete is PROTECT or name in _USES]


def has_words(relation: str) -> bool:
    """Whether somebody has said what it means."""
    return relation in _USES


def _used(named: tuple[str, Any], things: Sequence[Model], user: Any) -> Iterator[Consequence]:
    name, relation = named
    field = relation.field.name
    rows = relation.related_model._default_manager.filter(**{f"{field}__in": things})
    if count := rows[: MOST_COUNTED + 1].count():
        use = _USES.get(name) or Use(f"{relation.related_model._meta.verbose_name_plural}: %(count)s")
        stays = relation.on_delete is PROTECT
        yield consequence(use, rows, count, user, is_in_the_way=stays, is_of_deletion=not stays)


def consequence(use: Use, rows: "QuerySet[Any]", count: int, user: Any, **when: bool) -> Consequence:
    """`use` said of `rows`, the first few of them named; `when`: what a Consequence knows of when it counts."""
    words, named = use.words % {"count": Count(count)}, list(_named(use, rows, user))
    return Consequence(words, named, count, **when)


def _named(use: Use, rows: "QuerySet[Any]", user: Any) -> Iterator[tuple[str, str]]:
    """The first few, with the page of each that `user` may open; what other teams have is only counted."""
    path = f"{use.page_of}__{teams.OWNER}" if use.page_of else teams.OWNER
    kind = rows.model._meta.get_field(use.page_of).related_model if use.page_of else rows.model
    if teams.has_owner(kind):
        rows = teams.visible(rows, user, path)
    for row in (rows.select_related(use.page_of) if use.page_of else rows)[:NAMED]:
        page = getattr(row, use.page_of) if use.page_of else row
        yield (f"{row} ({page})" if use.page_of else str(row)), page_of(page, user)


def page_of(thing: Model, user: Any) -> str:
    """The address of a thing's page; empty when there is none that `user` may open."""
    meta = thing._meta
    if not user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
        return ""
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[thing.pk])
    except NoReverseMatch:
        return ""
