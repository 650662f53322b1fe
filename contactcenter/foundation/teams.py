"""Who may see and touch what belongs to a team: one question, asked by every page.

Somebody of no team sees and touches whatever his role allows. A member of teams sees what belongs to them or to none,
and touches what belongs to them alone. Things of a kind that has no team (tiers, calendars, phone systems) follow the
role. A superuser is not limited.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from contactcenter.foundation.models import Team

M = TypeVar("M", bound=Model)

OWNER = "belongs_to"
"""The field of a number, flow or queue that names its team."""

_REMEMBERED = "_teams_remembered"


def teams_of(user: Any) -> frozenset[int]:
    """The teams that limit `user`; empty: nothing does. Looked up once for each request's user."""
    if not getattr(user, "is_authenticated", False) or user.is_superuser:
        return frozenset()
    if not hasattr(user, _REMEMBERED):
        setattr(user, _REMEMBERED, frozenset(Team.objects.filter(people=user.pk).values_list("pk", flat=True)))
    remembered: frozenset[int] = getattr(user, _REMEMBERED)
    return remembered


def has_owner(model: type[Model]) -> bool:
    """Whether things of this kind can belong to a team."""
    return any(field.name == OWNER for field in model._meta.fields)


def may_touch(user: Any, thing: Model | None) -> bool:
    """Whether the teams of `user` let him change `thing`; what his role allows is another question."""
    if thing is None or not has_owner(type(thing)):
        return True
    mine = teams_of(user)
    return not mine or getattr(thing, f"{OWNER}_id") in mine


def may_see(user: Any, thing: Model | None) -> bool:
    """Whether the teams of `user` let him look at `thing`."""
    is_nobodys = thing is not None and has_owner(type(thing)) and getattr(thing, f"{OWNER}_id") is None
    return is_nobodys or may_touch(user, thing)


def visible(rows: "QuerySet[M]", user: Any, path: str = OWNER) -> "QuerySet[M]":
    """Those of `rows` that `user` may see; `path` leads from a row to its team."""
    mine = teams_of(user)
    if not mine:
        return rows
    return rows.filter(Q(**{f"{path}__in": mine}) | Q(**{f"{path}__isnull": True}))


def touchable(rows: "QuerySet[M]", user: Any, path: str = OWNER) -> "QuerySet[M]":
    """Those of `rows` that `user` may change."""
    mine = teams_of(user)
    return rows.filter(**{f"{path}__in": mine}) if mine else rows


def names_of_others(user: Any, things: str, name: str) -> set[str]:
    """How the things of other teams are called: `names_of_others(user, "numbers", "address")`.

    For rows that know a thing by its name only. `things` is what a team calls them: numbers, flows, queues.
    """
    mine = teams_of(user)
    return _names(Team.objects.exclude(pk__in=mine).values_list(f"{things}__{name}", flat=True)) if mine else set()


def names_of_own(user: Any, things: str, name: str) -> set[str]:
    """How the things of the teams of `user` are called."""
    return _names(Team.objects.filter(pk__in=teams_of(user)).values_list(f"{things}__{name}", flat=True))


def _names(found: Iterable[str | None]) -> set[str]:
    return {each for each in found if each}
