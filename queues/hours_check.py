"""What looks wrong about opening hours: stretches that overlap, and times that a change of clocks leaves out. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations

from queues.calendars import DAYS_AHEAD, Calendar, Stretch, clock_change, stretches_on

WEEK = 7 * 24 * 60
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Gap:
    """On `day` the clocks go from `begins` to `ends`; `stretch` opens or closes in between, at a time nobody sees."""

    day: date
    begins: time
    ends: time
    stretch: Stretch


def overlaps(week: Mapping[int, Sequence[Stretch]]) -> Iterator[tuple[tuple[int, Stretch], tuple[int, Stretch]]]:
    """Pairs of (weekday, stretch) that are open at the same time, over midnight and over the week's end too."""
    rows = [(weekday, stretch) for weekday, stretches in sorted(week.items()) for stretch in stretches]
    for one, other in combinations(rows, 2):
        apart = (_begins(*other) - _begins(*one)) % WEEK
        if apart < _minutes(one[1]) or WEEK - apart < _minutes(other[1]):
            yield one, other


def gaps(calendar: Calendar, at: datetime, days: int = DAYS_AHEAD) -> Iterator[Gap]:
    """What of the next `days` opens or closes at a time that a change of clocks leaves out."""
    today = at.astimezone(calendar.zone).date()
    for offset in range(days):
        day = today + timedelta(days=offset)
        changed = clock_change(calendar.zone, day)
        if changed is None or changed.astimezone(calendar.zone).date() != day:
            continue
        ends = changed.astimezone(calendar.zone).time()
        begins = ((changed - SECOND).astimezone(calendar.zone) + SECOND).time()
        unseen = {stretch: None for clock, stretch in _clocks(calendar, day) if begins <= clock < ends}
        yield from (Gap(day, begins, ends, stretch) for stretch in unseen)


def _clocks(calendar: Calendar, day: date) -> list[tuple[time, Stretch]]:
    """The times of `day` at which something opens or closes."""
    today, yesterday = stretches_on(calendar, day), stretches_on(calendar, day - timedelta(days=1))
    opening = [(stretch.opens, stretch) for stretch in today]
    closing = [(stretch.closes, stretch) for stretch in today if not stretch.overnight]
    return [*((stretch.closes, stretch) for stretch in yesterday if stretch.overnight), *opening, *closing]


def _begins(weekday: int, stretch: Stretch) -> int:
    return weekday * 24 * 60 + stretch.opens.hour * 60 + stretch.opens.minute


def _minutes(stretch: Stretch) -> int:
    length = (stretch.closes.hour - stretch.opens.hour) * 60 + stretch.closes.minute - stretch.opens.minute
    return length if length > 0 else length + 24 * 60
