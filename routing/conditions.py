"""What a branch asks about a contact: typed conditions in OR of AND groups. Pure.

A condition on a variable that is missing, or of another type than it expects, does not match and never
raises (`is_unknown` apart). Text compares without regard to case.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from contactcenter.foundation.values import DATE, MONEY, NUMBER, TEXT, YES_NO, NotOfType, Value, read
from contactcenter.foundation.words import Said
from contactcenter.foundation.words import to_translate as _

MOMENT = "moment"
"""The type of `time.window`: weekday (Monday is 0) and wall-clock time, as "0 09:30"."""

SENT_ALONG = "call.context."
"""How variables begin that a provider sends along, such as what an IVR collected: any name, any type."""

MOST_GROUPS, MOST_CONDITIONS, MOST_VALUES = 20, 20, 200


class ConditionError(Said):
    """These conditions could not be evaluated on a live call; the text says which and why."""


@dataclass(frozen=True)
class Operator:
    """One comparison: its words, the variable types it suits, its operand, and the test itself.

    `operand` is none, one, many (a list), two (lowest and highest, both included) or window.
    """

    label: str
    types: frozenset[str]
    operand: str
    holds: Callable[[Any, Any], bool]


_SIZES = frozenset({NUMBER, MONEY, DATE})
_WORDS = frozenset({TEXT, DATE})
_EXACT = frozenset({TEXT, NUMBER, MONEY, DATE})
_ALL = frozenset({TEXT, NUMBER, MONEY, DATE, YES_NO})


def _within_window(moment: str, window: Mapping[str, Any]) -> bool:
    """Windows that end at or before they begin run past midnight and belong to the day they begin on."""
    weekday, clock = int(moment[0]), moment[2:]
    begins, ends, days = window["from"], window["until"], window["days"]
    if begins < ends:
        return weekday in days and begins <= clock < ends
    return (weekday in days and clock >= begins) or ((weekday - 1) % 7 in days and clock < ends)


OPERATORS: dict[str, Operator] = {
    "is": Operator(_("is"), _ALL, "one", lambda seen, wanted: seen == wanted),
    "is_not": Operator(_("is known but not"), _ALL, "one", lambda seen, wanted: seen != wanted),
    "is_one_of": Operator(_("is one of"), _EXACT, "many", lambda seen, wanted: seen in wanted),
    "is_none_of": Operator(_("is known but none of"), _EXACT, "many", lambda seen, wanted: seen not in wanted),
    "at_least": Operator(_("is at least"), _SIZES, "one", lambda seen, wanted: seen >= wanted),
    "at_most": Operator(_("is at most"), _SIZES, "one", lambda seen, wanted: seen <= wanted),
    "between": Operator(_("is between"), _SIZES, "two", lambda seen, wanted: wanted[0] <= seen <= wanted[1]),
    "is_known": Operator(_("is known"), _ALL, "none", lambda _seen, _wanted: True),
    "is_unknown": Operator(_("is unknown"), _ALL, "none", lambda _seen, _wanted: False),
    "starts_with": Operator(_("starts with"), _WORDS, "one", lambda seen, wanted: seen.startswith(wanted)),
    "contains": Operator(_("contains"), frozenset({TEXT}), "one", lambda seen, wanted: wanted in seen),
    "within_window": Operator(_("is within"), frozenset({MOMENT}), "window", _within_window),
}


@dataclass(frozen=True)
class Condition:
    """One question about one variable, ready to be asked. `value` is as written, for showing."""

    variable: str
    operator: str
    value: Any
    wanted: Any

    def holds(self, variables: Mapping[str, Value]) -> bool:
        """Whether this is true of the contact."""
        seen = variables.get(self.variable)
        if seen is None:
            return self.operator == "is_unknown"
        if isinstance(seen, str):
            seen = seen.casefold()
        try:
            # A boolean is an int in Python, but "true" is not at least 1.
            return _same_kind(seen, self.wanted) and OPERATORS[self.operator].holds(seen, self.wanted)
        except (AttributeError, TypeError, ValueError, LookupError):
            return False


Group = tuple[Condition, ...]
Groups = tuple[Group, ...]


def _same_kind(seen: Any, wanted: Any) -> bool:
    if type(seen) is type(wanted):
        return True
    if type(wanted) is tuple:
        return not isinstance(seen, bool)
    if type(wanted) is frozenset:  # a list of other kinds neither has the value nor lacks it
        return not isinstance(seen, bool) and any(_same_kind(seen, each) for each in wanted)
    if wanted is None or type(wanted) is dict:
        return True
    return isinstance(seen, bool) == isinstance(wanted, bool) and isinstance(seen, str) == isinstance(wanted, str)


def matches(groups: Groups, variables: Mapping[str, Value]) -> bool:
    """Whether any group holds in full. No group at all takes everybody."""
    for group in groups:
        for condition in group:
            if not condition.holds(variables):
                break
        else:
            return True
    return not groups


Where = Mapping[str, int]
"""The group and the row of a condition, both from 1."""


def parse(raw: Any) -> Groups:
    """Conditions as stored (see the module's contract) made ready. Raises ConditionError."""
    if not isinstance(raw, list) or len(raw) > MOST_GROUPS:
        raise ConditionError(_("Conditions are a list of at most %(most)d groups."), most=MOST_GROUPS)
    return tuple(_parse_group(group, number) for number, group in enumerate(raw, start=1))


def _parse_group(raw: Any, number: int) -> Group:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_CONDITIONS:
        raise ConditionError(
            _("Group %(group)d needs between 1 and %(most)d conditions."), group=number, most=MOST_CONDITIONS
        )
    return tuple(_parse_condition(row, {"group": number, "row": place}) for place, row in enumerate(raw, start=1))


def _parse_condition(raw: Any, where: Where) -> Condition:
    if not isinstance(raw, dict) or not isinstance(raw.get("variable"), str) or not raw["variable"]:
        raise ConditionError(_("Group %(group)d, row %(row)d: choose a variable."), **where)
    operator = raw.get("operator")
    if operator not in OPERATORS:
        raise ConditionError(
            _("Group %(group)d, row %(row)d: “%(operator)s” is no comparison."), operator=operator, **where
        )
    wanted = _OPERANDS[OPERATORS[operator].operand](raw.get("value"), where)
    return Condition(raw["variable"], operator, raw.get("value"), wanted)


def _scalar(raw: Any, where: Where) -> Value:
    if isinstance(raw, str) and 0 < len(raw.strip()) <= 200:
        return raw.strip().casefold()
    if isinstance(raw, bool | int | float):
        return raw
    raise ConditionError(_("Group %(group)d, row %(row)d: a value is missing."), **where)


def _many(raw: Any, where: Where) -> frozenset[Value]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_VALUES:
        raise ConditionError(
            _("Group %(group)d, row %(row)d: choose between 1 and %(most)d values."), most=MOST_VALUES, **where
        )
    return frozenset(_scalar(value, where) for value in raw)


def _two(raw: Any, where: Where) -> tuple[Value, Value]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise ConditionError(_("Group %(group)d, row %(row)d: give the lowest and the highest value."), **where)
    lowest, highest = _scalar(raw[0], where), _scalar(raw[1], where)
    if isinstance(lowest, str) != isinstance(highest, str) or lowest > highest:  # type: ignore[operator]
        raise ConditionError(_("Group %(group)d, row %(row)d: the lowest value is above the highest."), **where)
    return lowest, highest


def _window(raw: Any, where: Where) -> Mapping[str, Any]:
    days = raw.get("days") if isinstance(raw, dict) else None
    if not isinstance(days, list) or not days or any(type(day) is not int or not 0 <= day <= 6 for day in days):
        raise ConditionError(_("Group %(group)d, row %(row)d: choose at least one day."), **where)
    try:
        begins, ends = (time.fromisoformat(raw[end]).strftime("%H:%M") for end in ("from", "until"))
    except (KeyError, TypeError, ValueError) as error:
        raise ConditionError(
            _("Group %(group)d, row %(row)d: give both times, such as 09:00 and 18:00."), **where
        ) from error
    return {"days": frozenset(days), "from": begins, "until": ends}


def _nothing(_raw: Any, _where: Where) -> None:
    return None


_OPERANDS: dict[str, Callable[[Any, Where], Any]] = {
    "none": _nothing,
    "one": _scalar,
    "many": _many,
    "two": _two,
    "window": _window,
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one condition; `group` and `row` count from 1."""

    group: int
    row: int
    message: Said


def check(groups: Groups, types: Mapping[str, str]) -> list[Problem]:
    """Problems of conditions against the variables there are (name to type)."""
    found = []
    for number, group in enumerate(groups, start=1):
        for place, condition in enumerate(group, start=1):
            if message := _misfit(condition, types):
                found.append(Problem(number, place, message))
    return found


def _misfit(condition: Condition, types: Mapping[str, str]) -> Said | None:
    kind = types.get(condition.variable)
    operator = OPERATORS[condition.operator]
    if kind is None:
        if condition.variable.startswith(SENT_ALONG):
            return None
        return Said(_("“%(variable)s” is no variable of this flow."), variable=condition.variable)
    if kind not in operator.types:
        label = Said(operator.label)
        return Said(_("“%(operator)s” does not suit %(variable)s."), operator=label, variable=condition.variable)
    if operator.operand in ("none", "window"):
        return None
    for value in _operands(condition):
        try:
            if isinstance(read(value, kind), str) != isinstance(value, str):
                return Said(_("“%(value)s” does not suit %(variable)s."), value=value, variable=condition.variable)
        except NotOfType as error:
            return Said(
                _("“%(value)s” does not suit %(variable)s: another kind of value is expected (%(kind)s)."),
                value=value,
                variable=condition.variable,
                kind=error,
            )
    return None


def _operands(condition: Condition) -> Iterable[Any]:
    wanted: Sequence[Any] | frozenset[Any] | Value = condition.wanted
    return wanted if isinstance(wanted, tuple | frozenset) else (wanted,)
