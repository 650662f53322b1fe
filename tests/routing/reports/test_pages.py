"""The report pages: figures as counted, few queries, words for what cannot be asked, nothing for strangers."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contactcenter.accounts.models import User
from customers.models import LoyaltyTier
from routing.admin import reports_failed
from routing.admin.reports_forms import ReportForm
from routing.models import Decision, ReportInterval, ReportSettings
from routing.reports import counting
from tests.browser import keep
from tests.routing.reports import month
from tests.routing.reports.month import decision, event

pytestmark = pytest.mark.django_db

REPORTS = "/admin/routing/reportinterval/"
FAILED = f"{REPORTS}failed/"
CSV = f"{REPORTS}report.csv"
NOON = datetime(2024, 11, 4, 12, 0, tzinfo=UTC)
DAY = "first=2024-11-04&last=2024-11-04"


def interval(**fields: Any) -> ReportInterval:
    given = {"starts_at": NOON, "channel": "voice", "flow": "f", "queue": "vip", "tier": "gold", "contacts": 10}
    return ReportInterval.objects.create(**{**given, **fields})


@pytest.fixture
def monday() -> None:
    """Ten gold calls, twenty of everybody, and five messages."""
    month.set_up()
    interval(
        answered=8, timed=8, in_time=6, wait_s=120, abandoned=2, valued=4, value_in_time=900_00, value_missed=100_00
    )
    interval(tier="", queue="standard", contacts=20, last_path=20, starts_at=NOON + timedelta(hours=1))
    interval(channel="whatsapp", contacts=5)


def figures(page: Any) -> dict[str, str]:
    return {str(label): value for label, value, _meaning in page.context["headline"]}


def test_the_figures_are_those_that_were_counted(monday: None, supervisor_client: Client) -> None:
    page = supervisor_client.get(f"{REPORTS}?{DAY}&tier=gold")
    assert figures(page) == {
        "Contacts": "10", "Answered": "8", "Service level": "60 %", "ASA": "15 s", "Abandonment": "20 %",
        "Overflow": "0 %", "Last path": "0 %", "Blocked": "0", "Not reported": "0 %", "Value in time": "90 %",
    }  # fmt: skip
    assert "answered in time / (answered + abandoned)" in page.content.decode()
    assert "contacts of customers worth 900.00 were answered" in page.content.decode()


def test_nothing_reported_is_said_and_is_no_zero(monday: None, supervisor_client: Client) -> None:
    page = supervisor_client.get(f"{REPORTS}?{DAY}&queue=standard")
    found = figures(page)
    assert (found["Not reported"], found["Last path"]) == ("100 %", "100 %")
    assert {found[name] for name in ("Service level", "ASA", "Abandonment", "Value in time")} == {"–"}


def test_messages_stand_apart(monday: None, supervisor_client: Client) -> None:
    page = supervisor_client.get(f"{REPORTS}?{DAY}")
    assert figures(page)["Contacts"] == "30"
    by_channel = {name: cells[0] for name, cells in page.context["tables"][2].rows}
    assert by_channel == {"voice call": "30", "WhatsApp": "5"}
    messages = figures(supervisor_client.get(f"{REPORTS}?{DAY}&channel=messages"))
    assert (messages["Contacts"], messages["Answered"], messages["Not reported"]) == ("5", "–", "100 %")


def test_the_settings_choose_the_formula_which_is_printed(monday: None, supervisor_client: Client) -> None:
    ReportSettings.objects.create(formula="answered", short_abandon_s=0)
    page = supervisor_client.get(f"{REPORTS}?{DAY}&tier=gold")
    assert figures(page)["Service level"] == "75 %"
    assert "Service level = answered in time / answered. Everyone who hung up counts." in page.content.decode()


def test_hundreds_of_intervals_cost_no_query_more_than_one(supervisor_client: Client) -> None:
    month.set_up()
    today = timezone.now().replace(minute=0, second=0, microsecond=0)
    interval(starts_at=today)
    supervisor_client.get(REPORTS)
    with CaptureQueriesContext(connection) as few:
        assert supervisor_client.get(REPORTS).status_code == 200
    ReportInterval.objects.bulk_create(
        ReportInterval(starts_at=today - timedelta(minutes=15 * n), channel="voice", tier=tier, contacts=3)
        for n in range(1, 40)
        for tier in ("gold", "silver", "platinum", "gone", "")
    )
    with CaptureQueriesContext(connection) as many:
        assert figures(supervisor_client.get(REPORTS))["Contacts"] != "10"
    assert len(many) == len(few) <= 18
    assert not [query for query in many if '"routing_decision"' in query["sql"]], "pages read the counted rows only"


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        pytest.param(
            "first=2024-11-20&last=2024-11-01", "last", "ends before it starts", id="it ends before it starts"
        ),
        pytest.param("first=yesterday", "first", "no day", id="no day at all"),
        pytest.param("first=2024-02-30", "first", "no day", id="a day that February has not"),
        pytest.param("first=0001-01-01", "first", "before the year 2000", id="the first day of all"),
        pytest.param("last=9999-12-31", "last", "not come yet", id="the last day of all"),
        pytest.param("first=2020-01-01&last=2024-11-01", "last", "at most 400 days", id="years"),
        pytest.param("queue=nowhere", "queue", "No such queue", id="an unknown queue"),
        pytest.param("tier=%27--", "tier", "No such tier", id="an unknown tier"),
        pytest.param("channel=fax", "channel", "No such channel", id="an unknown channel"),
        pytest.param("flow=gone", "flow", "No such flow", id="an unknown flow"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(rf: RequestFactory, asked: str, field: str, words: str) -> None:
    assert words in ReportForm(rf.get(f"{REPORTS}?{asked}")).errors[field][0]


@pytest.mark.parametrize("page", [REPORTS, CSV])
def test_what_cannot_be_asked_is_answered_without_a_figure(supervisor_client: Client, page: str) -> None:
    shown = supervisor_client.get(f"{page}?flow=gone")
    assert shown.status_code == 200
    assert "No such flow" in shown.content.decode()
    assert "headline" not in shown.context


@pytest.mark.parametrize(
    ("asked", "fields"), [("day=2024-13-01", {"day"}), ("day=3000-01-01&tier=nobody", {"day", "tier"})]
)
def test_neither_can_it_of_the_vips(supervisor_client: Client, asked: str, fields: set[str]) -> None:
    assert supervisor_client.get(f"{FAILED}?{asked}").context["form"].errors.keys() == fields


def read_csv(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_spreadsheet_has_the_same_numbers_and_runs_no_formula(monday: None, supervisor_client: Client) -> None:
    interval(queue="=cmd|'x'!A1", tier="+1", contacts=1)
    rows = read_csv(supervisor_client.get(f"{CSV}?{DAY}"))
    assert sum(int(row["contacts"]) for row in rows) == 31
    gold = next(row for row in rows if (row["queue"], row["tier"]) == ("vip", "gold"))
    assert (gold["from (UTC)"], gold["Service level"], gold["ASA"]) == ("2024-11-04", "0.6", "15.0")
    assert {"'=cmd|'x'!A1", "'+1"} <= {value for row in rows for value in row.values()}
    by_hour = read_csv(supervisor_client.get(f"{CSV}?{DAY}&by=hour"))
    assert {row["from (UTC)"] for row in by_hour} == {"2024-11-04T12:00+00:00", "2024-11-04T13:00+00:00"}


def test_the_two_hours_that_the_clock_shows_as_one_are_two(supervisor_client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Rome"
    for hour in (0, 1):
        interval(starts_at=datetime(2024, 10, 27, hour, 30, tzinfo=UTC))
    page = supervisor_client.get(f"{REPORTS}?first=2024-10-27&last=2024-10-27")
    (table, *_) = [chart.table for chart in page.context["charts"]]
    assert [label for label, _cells in table].count("02:00") == 2
    assert len(table) == 25


@pytest.mark.parametrize("path", [REPORTS, FAILED, CSV])
def test_only_who_may_see_decisions_sees_them_counted(
    path: str, auditor_client: Client, stranger_client: Client, client: Client
) -> None:
    assert auditor_client.get(path).status_code == 200
    assert stranger_client.get(path).status_code == 302
    assert client.get(path).status_code == 302
    assert auditor_client.post(path).status_code == 405


def test_somebody_without_the_permission_is_refused(supervisor: Any, supervisor_client: Client) -> None:
    supervisor.user_permissions.remove(*supervisor.user_permissions.filter(codename="view_decision"))
    assert supervisor_client.get(REPORTS).status_code == 403
    assert "reportinterval" not in supervisor_client.get("/admin/").content.decode()


@pytest.fixture
def yesterday() -> datetime:
    month.set_up()
    return timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


def why(client: Client, query: str = "") -> dict[str, list[str]]:
    """The sentences about each failed contact, by the decision its link leads to."""
    page = client.get(f"{FAILED}{query}")
    return {row["url"].split("/")[-3]: row["why"] for row in page.context["rows"]}


def test_a_failed_vip_is_listed_with_the_reason(yesterday: datetime, supervisor_client: Client) -> None:
    expected: dict[str, list[str]] = {}
    for number, (fields, told, words) in enumerate(OF_A_DAY, 1):
        made = decision(number, yesterday, **{"tier": "platinum", **fields})
        made.save()
        if told:
            event(made, told[0], told[1] + 1, seconds=told[1]).save()
        expected |= {str(made.pk): words} if words else {}
    assert why(supervisor_client) == expected


OF_A_DAY: list[tuple[dict[str, Any], tuple[str, int] | None, list[str]]] = [
    ({}, ("abandoned", 48), ["Hung up after 48 s; “Vip” promises an answer within 10 s."]),
    ({}, ("agent_answered", 200), ["Answered after 3 min 20 s; “Vip” promises 10 s."]),
    ({}, ("left", 9), ["No agent answered: the call left “Vip” after 9 s."]),
    (
        {"reason": "full", "queue": "priority"}, None,
        ["Went to “Priority” instead of the queue that was meant, because the queue was full."],
    ),
    (
        {"reason": "closed", "action": "voicemail"}, None,
        ["Heard a recording instead of an agent, because the queue was closed."],
    ),
    (
        {"reason": "last_path", "branch": "last_path", "degraded": ["crm:timeout"]}, None,
        ["Took the default way, because no branch took the contact.", "“crm” did not answer in time."],
    ),
    ({}, ("abandoned", 3), []),
    ({}, ("agent_answered", 10), []),
    ({"tier": "silver"}, ("abandoned", 48), []),
]  # fmt: skip
"""What was decided, what was told of it, and why it is listed: not who hung up at once, and who is no VIP."""


def test_vips_are_whom_the_settings_say_on_the_day_that_is_asked(
    yesterday: datetime, supervisor_client: Client
) -> None:
    for number, tier in enumerate(("platinum", "gold", "silver"), 1):
        decision(number, yesterday, tier=tier, reason="full").save()
    assert len(why(supervisor_client)) == 1
    ReportSettings.objects.create(vip_tier=LoyaltyTier.objects.get(slug="gold"))
    assert len(why(supervisor_client)) == 2
    assert len(why(supervisor_client, "?tier=silver")) == 3
    before = (yesterday - timedelta(days=1)).date()
    assert why(supervisor_client, f"?day={before}") == {}


def test_no_number_is_shown_in_clear_and_the_queries_are_few(
    yesterday: datetime, supervisor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Decision.objects.bulk_create([decision(n, yesterday, tier="platinum", reason="full") for n in range(1, 200)])
    monkeypatch.setattr(reports_failed, "MOST_SHOWN", 150)
    with CaptureQueriesContext(connection) as queries:
        page = supervisor_client.get(FAILED).content.decode()
    assert "199 of 199 contacts" in page
    assert "The first 150 of them are listed." in page
    assert page.count("+39********78") == 150
    assert "+393471234578" not in page
    assert len(queries) <= 18


def test_the_menu_leads_to_the_reports(supervisor_client: Client) -> None:
    assert f'<a href="{REPORTS}" ' in supervisor_client.get("/admin/").content.decode()


def test_settings_are_one_row_that_says_what_is_wrong(supervisor: User, supervisor_client: Client) -> None:
    supervisor.user_permissions.remove(Permission.objects.get(codename="add_reportsettings"))  # no role has it
    page = "/admin/routing/reportsettings/"
    assert 'name="addresses"' in supervisor_client.get(page).content.decode(), "the form, with the defaults"
    assert not ReportSettings.objects.exists(), "looking makes none"
    given = {"formula": "kept", "short_abandon_s": "10", "addresses": "boss@example.com\nnobody", "language": "it"}
    refused = supervisor_client.post(page, given)
    assert "Line 2 is no e-mail address." in refused.content.decode()
    for formula in ("kept", "answered"):
        answer = supervisor_client.post(page, given | {"addresses": "boss@example.com", "formula": formula})
        assert (answer.status_code, ReportSettings.objects.get().formula) == (302, formula)
    assert supervisor_client.get(f"{page}add/").status_code == 403, "there is one"


@pytest.mark.django_db(transaction=True)
def test_a_browser_shows_a_month_on_a_screen_and_on_a_phone(
    supervisor_client: Client, live_server: Any, browser: Any
) -> None:
    month.set_up()
    month.seed(timezone.now() - timedelta(days=1), days=8, a_day=60)
    decision(10**6, timezone.now() - timedelta(days=1), tier="platinum", reason="full").save()
    assert counting.count_new(monotonic() + 60)
    session = {"name": "sessionid", "value": supervisor_client.cookies["sessionid"].value, "url": live_server.url}
    for language, width in (("en", 1280), ("ar", 390)):
        context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
        context.add_cookies([session])
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        for path in (REPORTS, FAILED):
            page.goto(live_server.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".report-failed tbody tr").count() > 0
        page.goto(live_server.url + REPORTS)
        assert page.locator("figure.chart > svg[role=img]").count() == 2
        assert page.locator("figure.chart .bar").count() > 10
        box = page.locator("figure.chart > svg").first.bounding_box()
        assert box is not None
        assert 0 < box["width"] <= width
        colours = {page.locator(f".series-{n} .line").first.evaluate("e => getComputedStyle(e).stroke") for n in (1, 2)}
        assert len(colours) == 2
        keep(page, f"reports-{language}")
        assert not said
        assert re.search(r"\d", page.locator(".report-value").first.inner_text())
        context.close()
