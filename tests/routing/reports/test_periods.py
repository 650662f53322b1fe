"""Days on whose clock: 23, 24 and 25 hours, and zones that begin their hours at :30."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from queues.models import Calendar, Queue
from routing.models import Flow, Number, ProviderAccount, ReportInterval
from routing.reports.periods import Period, hour_of, zone_of
from routing.reports.reading import Question, added_up
from tests.routing.reports import month

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

ROME, KOLKATA, KATHMANDU = ZoneInfo("Europe/Rome"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Asia/Kathmandu")


def a_contact_each_quarter(start: datetime, end: datetime) -> None:
    quarters = int((end - start) / timedelta(minutes=15))
    ReportInterval.objects.bulk_create(
        ReportInterval(starts_at=start + number * timedelta(minutes=15), channel="voice", contacts=1)
        for number in range(quarters)
    )


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        pytest.param(date(2026, 3, 29), ROME, 23, id="the clock goes forward"),
        pytest.param(date(2026, 10, 25), ROME, 25, id="the clock goes back"),
        pytest.param(date(2026, 11, 2), ROME, 24, id="an ordinary day"),
        pytest.param(date(2026, 11, 2), KOLKATA, 24, id="a zone of half hours"),
        pytest.param(date(2026, 11, 2), KATHMANDU, 24, id="a zone of quarters"),
        pytest.param(date(2026, 3, 8), ZoneInfo("America/Havana"), 23, id="a day without midnight"),
    ],
)
def test_a_day_has_the_hours_of_its_clock(day: date, zone: ZoneInfo, hours: int) -> None:
    period = Period(day, day, zone)
    assert len(list(period.hours)) == hours
    a_contact_each_quarter(period.start - timedelta(days=1), period.end + timedelta(days=1))
    question = Question(period, ("voice",))
    assert {cell.moment: cell.counts.contacts for cell in question.cells(by_hour=False)} == {day: hours * 4}
    by_hour = added_up(question.cells(by_hour=True), "moment")
    assert [by_hour[hour].contacts for hour in period.hours] == [4] * hours
    of_the_week = question.by_hour_of_the_week()
    assert {weekday for weekday, _hour in of_the_week} == {day.weekday()}
    assert sum(each.contacts for each in of_the_week.values()) == hours * 4
    assert all(hour_of(hour, zone) == hour for hour in period.hours)


def test_the_clock_is_the_numbers_the_queues_or_the_sites(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    month.set_up()
    vip = Queue.objects.get(slug="vip")
    assert zone_of(None, "") == zone_of(vip, "") == KOLKATA
    vip.calendar = Calendar.objects.create(name="Office", slug="office", time_zone="Europe/Rome")
    assert zone_of(vip, "") == ROME
    flow = Flow.objects.create(name="Priority", slug="priority", last_path=vip)
    account = ProviderAccount.objects.create(name="Own", slug="own", dialect="native")
    for address, zone in (("+97714000001", "Asia/Kathmandu"), ("+97714000002", "Asia/Kathmandu")):
        Number.objects.create(
            label=address, address=address, account=account, flow=flow, default_queue=vip, time_zone=zone
        )
    assert zone_of(vip, "priority") == KATHMANDU
    Number.objects.filter(address="+97714000002").update(time_zone="Europe/Rome")
    assert zone_of(None, "priority") == KOLKATA, "its numbers do not agree"


def test_short_abandons_are_left_out_as_the_settings_say() -> None:
    ReportInterval.objects.create(
        starts_at=datetime(2026, 11, 2, 9, tzinfo=UTC), channel="voice", contacts=20, answered=10, timed=10, in_time=8,
        abandoned=10, abandoned_in_time=6, abandoned_5=2, abandoned_10=3, abandoned_20=7,
    )  # fmt: skip
    period = Period(date(2026, 11, 2), date(2026, 11, 2), ROME)
    found = {}
    for seconds in (0, 5, 10, 20):
        ((_tier, counts),) = Question(period, ("voice",), {}, seconds).by("tier")
        found[seconds] = (counts.short, counts.abandoned_kept)
    assert found == {0: (0, 6), 5: (2, 4), 10: (3, 3), 20: (7, 0)}
