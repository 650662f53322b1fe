"""Problems of branches: conditions that cannot be met, and branches behind others that leave them nobody."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.translating import named, said
from routing.catalogue import Entry
from routing.conditions import MOMENT, OPERATORS, SENT_ALONG, Condition, ConditionError, Groups, parse
from routing.problems.found import Document, Path, Problem, branch_name, error
from routing.problems.logic import always_covers, contradiction
from routing.problems.values import cannot_exist
from routing.wording import condition_in_words, entries_of, variable_in_words


def find(document: Document) -> Iterator[Problem]:
    """Everything that is wrong with the branches of every flow."""
    for slug, flow in document["flows"].items():
        entries = entries_of(document, slug)
        parsed: list[Groups | None] = []
        for position, branch in enumerate(flow["branches"]):
            path: Path = ("flows", slug, "branches", position)
            name = _("%(branch)s of flow “%(flow)s”") % {
                "branch": branch_name(flow, position),
                "flow": flow["name"],
            }
            try:
                groups = parse(branch["conditions"])
            except ConditionError as unreadable:
                parsed.append(None)
                yield error((*path, "conditions"), named(name, said(unreadable)))
                continue
            yield from _conditions(groups, entries, path, name)
            parsed.append(groups)
        yield from _never_reached(flow, parsed, ("flows", slug, "branches"))


def _conditions(groups: Groups, entries: Mapping[str, Entry], path: Path, name: str) -> Iterator[Problem]:
    for number, group in enumerate(groups):
        for place, condition in enumerate(group):
            if message := _misfit(condition, entries):
                yield error((*path, "conditions", number, place), named(name, message))
        if pair := contradiction(group):
            one, other = (condition_in_words(_stored(condition), entries) for condition in pair)
            message = _("“%(one)s” and “%(other)s” are never true together.") % {"one": one, "other": other}
            yield error((*path, "conditions", number), named(name, message))


def _stored(condition: Condition) -> dict[str, Any]:
    return {"variable": condition.variable, "operator": condition.operator, "value": condition.value}


def _misfit(condition: Condition, entries: Mapping[str, Entry]) -> str | None:
    """Why this condition cannot be asked, if so."""
    if condition.variable.startswith(SENT_ALONG):
        return None
    entry = entries.get(condition.variable)
    if entry is None:
        return _("nobody defines the variable “%(variable)s”.") % {"variable": condition.variable}
    operator = OPERATORS[condition.operator]
    words = {"variable": variable_in_words(condition.variable, entries), "operator": _(operator.label)}
    if entry.type not in operator.types:
        if MOMENT in operator.types or entry.type == MOMENT:
            return _("“%(operator)s” does not suit “%(variable)s”: windows and “day and time” go together.") % words
        return _("“%(operator)s” does not suit “%(variable)s”.") % words
    return cannot_exist(condition, entry, words["variable"])


def _never_reached(flow: Mapping[str, Any], parsed: list[Groups | None], path: Path) -> Iterator[Problem]:
    """Branches that an earlier one leaves nobody; a branch with problems of its own takes nobody."""
    for position, groups in enumerate(parsed):
        before = [(place, earlier) for place, earlier in enumerate(parsed[:position]) if earlier is not None]
        if groups is None or not always_covers([earlier for _place, earlier in before], groups):
            continue
        name = branch_name(flow, position)
        taker = next((place for place, earlier in before if always_covers([earlier], groups)), None)
        yield error(
            (*path, position),
            _("%(branch)s never gets a caller: %(reason)s")
            % {
                "branch": name,
                "reason": _taker(flow, parsed, taker),
            },
        )


def _taker(flow: Mapping[str, Any], parsed: list[Groups | None], taker: int | None) -> str:
    if taker is None:
        return _("the branches before it take all of them.")
    words = {"place": taker + 1, "label": flow["branches"][taker]["label"]}
    if parsed[taker] == ():
        return _("branch %(place)d “%(label)s” takes everyone.") % words
    return _("branch %(place)d “%(label)s” takes all of them.") % words
