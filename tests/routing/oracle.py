"""What docs/branches.md says, written down a second time and as plainly as can be: the evaluator is held against it.

Nothing of the product is used here, and nothing is fast. Documents are those of a release.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]

STALE_S = 60


def holds(condition: Row, variables: Row) -> bool:
    """Rules 11 to 15: whether one condition is true of a contact."""
    seen: Any = variables.get(condition["variable"])
    operator, value = condition["operator"], condition.get("value", ())
    if operator in ("is_known", "is_unknown"):
        return (seen is None) is (operator == "is_unknown")
    if seen is None:
        return False
    if operator == "within_window":
        return _within(value, int(seen[0]), seen[2:])
    values = [_plain(each) for each in (value if isinstance(value, list) else [value])]
    seen, alike = _plain(seen), [each for each in values if _kind(each) == _kind(seen)]
    if not alike:
        return False
    return bool(_COMPARED[operator](seen, alike))


_COMPARED: dict[str, Callable[[Any, list[Any]], Any]] = {
    "is": lambda seen, values: seen in values,
    "is_one_of": lambda seen, values: seen in values,
    "is_not": lambda seen, values: seen not in values,
    "is_none_of": lambda seen, values: seen not in values,
    "at_least": lambda seen, values: seen >= values[0],
    "at_most": lambda seen, values: seen <= values[0],
    "between": lambda seen, values: values[0] <= seen <= values[1],
    "starts_with": lambda seen, values: _kind(seen) is str and seen[: len(values[0])] == values[0],
    "contains": lambda seen, values: _kind(seen) is str and seen.find(values[0]) >= 0,
}


def _kind(value: Any) -> type:
    return next(kind for kind in (bool, str, object) if isinstance(value, kind))


def _plain(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


def _within(window: Row, day: int, clock: str) -> bool:
    begins, ends = window["from"], window["until"]
    if begins < ends:
        return day in window["days"] and begins <= clock < ends
    return (day in window["days"] and clock >= begins) or ((day - 1) % 7 in window["days"] and clock < ends)


def branch_of(flow: Row, variables: Row) -> Row | None:
    """Rules 9, 10, 18 and 19: the branch that takes the contact; None for the last path."""
    for branch in flow["branches"]:
        groups = branch["conditions"]
        if not groups or any(all(holds(each, variables) for each in group) for group in groups):
            return dict(branch)
    return None


class Place(NamedTuple):
    """Where a contact ends; `reason` is why it is not the queue that was asked for."""

    queue: str
    action: str
    reason: str | None


def place(document: Row, state: Row, start: str, now: datetime) -> Place:
    """Rules 24 to 30, for a call."""
    chain, slug = [], start
    while slug and slug not in chain:
        chain.append(slug)
        slug = document["queues"][slug].get("overflow_to", "")
    refusals: list[tuple[str, str]] = []
    for slug in chain:
        queue = document["queues"][slug]
        why = _refuses(document, state, slug, now) if "voice_address" in queue else "no_target"
        first = next((each for _, each in refusals if each != "no_target"), None)
        if not why:
            return Place(slug, "transfer", first)
        refusals.append((slug, why))
        action, address = ("full", "full_address") if why == "full" else ("closed", "closed_address")
        action = "overflow" if why == "no_target" else queue.get(f"when_{action}", "overflow")
        if action == "reject" or (action != "overflow" and _is_heard(document, queue, queue[address])):
            return Place(slug, action, first or why)
    able = [slug for slug, why in refusals if why != "no_target"] or chain[:1]
    left = [slug for slug in able if (slug, "switched") not in refusals]
    return Place((left or able[:1])[-1], "transfer", next((why for _, why in refusals if why != "no_target"), None))


def _is_heard(document: Row, queue: Row, address: str) -> bool:
    """Rule 28: an extension needs a phone system with a host; a number is dialled where the queue is no extension."""
    system = document["phone_systems"].get(queue.get("phone_system"), {"hosts": []})
    return bool(system["hosts"]) or (queue["voice_kind"] != "sip" and address.startswith("+"))


def is_taken_in(document: Row, state: Row, slug: str, now: datetime) -> bool:
    """Rules 25 and 26: whether a queue is open, by switch, hours and agents."""
    return _refuses(document, state, slug, now) in ("", "full")


def _refuses(document: Row, state: Row, slug: str, now: datetime) -> str:
    queue = document["queues"][slug]
    switched = {each["kind"] for each in state.values() if each.get("subject") == slug and _lasts(each, now)}
    said = state.get(f"queue:{slug}")
    oldest = now - timedelta(seconds=STALE_S)
    fresh = said["statistics"] if said and datetime.fromisoformat(said["as_of"]) >= oldest else {}
    if "close_queue" in switched:
        return "switched"
    if "open_queue" not in switched:
        if "calendar" in queue and not is_open(document["calendars"][queue["calendar"]], now):
            return "closed"
        if queue.get("closed_without_agents", True) and fresh.get("agents_logged_in") == 0:
            return "no_agents"
    return "full" if fresh.get("waiting", 0) >= queue.get("max_waiting", 10**9) else ""


def _lasts(switch: Row, now: datetime) -> bool:
    return "until" not in switch or now < datetime.fromisoformat(switch["until"])


def is_open(calendar: Row, now: datetime) -> bool:
    """Rule 33, for hours and days that come once: the wall says so."""
    wall = now.astimezone(ZoneInfo(calendar["time_zone"]))
    clock, yesterday = f"{wall:%H:%M}", wall.date() - timedelta(days=1)
    late = any(closes <= opens and clock < closes for opens, closes in _hours(calendar, yesterday))
    return late or any(
        clock >= opens and (clock < closes or closes <= opens) for opens, closes in _hours(calendar, wall.date())
    )


def _hours(calendar: Row, day: date) -> list[tuple[str, str]]:
    special = [each for each in calendar["exceptions"] if each["first_day"] <= day.isoformat() <= each["last_day"]]
    shortest = min(map(_days, special), default=0)
    rows = [each for each in special if _days(each) == shortest and "opens" in each]
    if not special:
        rows = [each for each in calendar["hours"] if each["weekday"] == day.weekday()]
    return [(each["opens"], each["closes"]) for each in rows]


def _days(special: Row) -> timedelta:
    return date.fromisoformat(special["last_day"]) - date.fromisoformat(special["first_day"])
