"""What follows from a condition, whoever calls: enough to see branches that nobody can take.

Simple on purpose: what it claims is always true, what it cannot see it leaves alone.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from routing.conditions import OPERATORS, Condition, Group, Groups

DAYS, MINUTES = 7, 24 * 60


def always_covers(earlier: Sequence[Groups], later: Groups) -> bool:
    """Whether everybody who matches `later` matches one of `earlier` too."""
    if any(not groups for groups in earlier):
        return True
    groups_before = [group for groups in earlier for group in groups]
    return bool(later) and all(any(_follows(broad, group) for broad in groups_before) for group in later)


def contradiction(group: Group) -> tuple[Condition, Condition] | None:
    """Two conditions of a group that are never true together."""
    for one, other in combinations(group, 2):
        if one.variable == other.variable and (_excludes(one, other) or _excludes(other, one)):
            return one, other
    return None


def _follows(broad: Group, narrow: Group) -> bool:
    return all(any(_implies(known, asked) for known in narrow) for asked in broad)


def _implies(known: Condition, asked: Condition) -> bool:
    """Whether `asked` is true whenever `known` is."""
    if known.variable != asked.variable:
        return False
    if (known.operator, known.wanted) == (asked.operator, asked.wanted):
        return True
    if "is_unknown" in (known.operator, asked.operator):
        return False
    if asked.operator == "is_known":
        return True
    values = _values(known)
    if values is not None:
        return all(asked.holds({asked.variable: value}) for value in values)
    return _implies_by_shape(known, asked)


def _implies_by_shape(known: Condition, asked: Condition) -> bool:
    inner, outer = _range(known), _range(asked)
    if inner and outer:
        return _at_or_above(inner[0], outer[0]) and _at_or_below(inner[1], outer[1])
    refused, also_refused = _refused(known), _refused(asked)
    if refused is not None and also_refused is not None:
        return also_refused <= refused
    if asked.operator == "within_window":
        return minutes(known.wanted) <= minutes(asked.wanted)
    if known.operator == "starts_with" and asked.operator in ("starts_with", "contains"):
        return bool(OPERATORS[asked.operator].holds(known.wanted, asked.wanted))
    return False


def _excludes(one: Condition, other: Condition) -> bool:
    """Whether `other` is false whenever `one` is true."""
    if one.operator == "is_unknown":
        return other.operator != "is_unknown"
    values = _values(one)
    if values is not None:
        return not any(other.holds({other.variable: value}) for value in values)
    mine, others = _range(one), _range(other)
    if mine and others:
        return not (_may_overlap(mine[1], others[0]) and _may_overlap(others[1], mine[0]))
    if one.operator == other.operator == "within_window":
        return not minutes(one.wanted) & minutes(other.wanted)
    return False


def _values(condition: Condition) -> frozenset[Any] | None:
    """The only values that match, where they can be listed."""
    if condition.operator == "is":
        return frozenset({condition.wanted})
    return condition.wanted if condition.operator == "is_one_of" else None


def _refused(condition: Condition) -> frozenset[Any] | None:
    if condition.operator == "is_not":
        return frozenset({condition.wanted})
    return condition.wanted if condition.operator == "is_none_of" else None


def _range(condition: Condition) -> tuple[Any, Any] | None:
    """Lowest and highest value that match, both included; None for an end that is open."""
    if condition.operator == "at_least":
        return condition.wanted, None
    if condition.operator == "at_most":
        return None, condition.wanted
    return condition.wanted if condition.operator == "between" else None


def _comparable(one: Any, other: Any) -> bool:
    return isinstance(one, str) == isinstance(other, str)


def _at_or_above(bound: Any, limit: Any) -> bool:
    return limit is None or (bound is not None and _comparable(bound, limit) and bound >= limit)


def _at_or_below(bound: Any, limit: Any) -> bool:
    return limit is None or (bound is not None and _comparable(bound, limit) and bound <= limit)


def _may_overlap(high: Any, low: Any) -> bool:
    return high is None or low is None or not _comparable(high, low) or high >= low


def minutes(window: Mapping[str, Any]) -> frozenset[int]:
    """The minutes of the week within a window; ending at or before the beginning is after midnight."""
    begins, ends = (int(window[end][:2]) * 60 + int(window[end][3:5]) for end in ("from", "until"))
    if ends <= begins:
        ends += MINUTES
    week = DAYS * MINUTES
    return frozenset((day * MINUTES + minute) % week for day in window["days"] for minute in range(begins, ends))
