"""Days on whose clock: a report's period, and the time zone that it is read in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from queues.models import Queue
from routing.models import Number

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Whole days from `first` to `last`, both included, on the clock of `zone`. A day may have 23 or 25 hours."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment that is no more in it."""
        return self._midnight(self.last + DAY)

    @property
    def days(self) -> list[date]:
        return [self.first + DAY * number for number in range((self.last - self.first).days + 1)]

    @property
    def hours(self) -> Iterator[datetime]:
        """The beginning of every hour of its clock, in UTC; one that the clock shows twice comes twice."""
        moment = self.start
        while moment < self.end:
            yield moment
            moment = hour_of(moment + timedelta(hours=1), self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)


def hour_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of its hour on the clock of `zone`, in UTC."""
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second)


def zone_of(queue: Queue | None, flow: str) -> ZoneInfo:
    """The clock of a report: of the flow's numbers where they have one, of the queue's opening hours, of the site."""
    if flow:
        zones = Number.objects.filter(flow__slug=flow).order_by().values_list("time_zone", flat=True).distinct()[:2]
        if len(zones) == 1:
            return ZoneInfo(zones[0])
    if queue is not None and queue.calendar is not None:
        return ZoneInfo(queue.calendar.time_zone)
    return ZoneInfo(settings.TIME_ZONE)
