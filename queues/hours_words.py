"""What is wrong or doubtful about opening hours, in words: as they are saved, and before they are published."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from queues import calendars, hours_check
from queues.calendars import Calendar, Stretch
from queues.models import OpeningHours


def overlapping(rows: Sequence[OpeningHours]) -> list[str]:
    """A sentence for each pair of rows that are open at the same time."""
    week: dict[int, tuple[Stretch, ...]] = {}
    for row in rows:
        week[row.weekday] = (*week.get(row.weekday, ()), Stretch(row.opens, row.closes))
    return [_overlap(*pair) for pair in hours_check.overlaps(week)]


def doubtful(calendar: Calendar, now: datetime) -> Iterator[str]:
    """What somebody may want as it is, but rather not: hours that never open, overlap, or fall into a clock change."""
    if not calendars.is_open(calendar, now) and calendars.next_opening(calendar, now) is None:
        yield _("It never opens within the next year: nobody would ever be let in.")
    for pair in hours_check.overlaps(calendar.week):
        yield _overlap(*pair)
    for gap in hours_check.gaps(calendar, now):
        words = _(
            "On %(day)s the clocks go from %(begins)s to %(ends)s: the times in between of %(stretch)s "
            "do not exist on that day."
        )
        yield words % {
            "day": date_format(gap.day, pgettext("format of a date", "l j F Y")),
            "begins": _clock(gap.begins),
            "ends": _clock(gap.ends),
            "stretch": _stretch(gap.stretch),
        }


def _overlap(one: tuple[int, Stretch], other: tuple[int, Stretch]) -> str:
    words = _("%(one)s and %(other)s overlap: make one of them, or correct one.")
    return words % {"one": _on(*one), "other": _on(*other)}


def _on(weekday: int, stretch: Stretch) -> str:
    return f"{WEEKDAYS[weekday]} {_stretch(stretch)}"


def _stretch(stretch: Stretch) -> str:
    return f"{_clock(stretch.opens)}-{_clock(stretch.closes)}"


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"
