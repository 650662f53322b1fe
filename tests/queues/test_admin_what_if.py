"""The page “What if”: what it fills in by itself, what it answers, and what it refuses."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from customers.models import LoyaltyTier
from queues.admin.what_if_form import WhatIfForm
from queues.arrivals import TierCalls
from queues.models import PhoneSystem, Queue, QueueState
from routing.models import Decision
from tests.browser import keep

pytestmark = pytest.mark.django_db

URL = "/admin/queues/what-if/"

ASKED: dict[str, str | int] = {
    "calls_gold": 10,
    "handling_s_gold": 300,
    "class_gold": 1,
    "head_start_s_gold": "",
    "calls__others": 190,
    "handling_s__others": 300,
    "class__others": 3,
    "head_start_s__others": "",
    "agents": 22,
    "own": 3,
    "patience_s": "",
    "percent": 90,
    "within_s": 20,
    "promised_s": 600,
}


@pytest.fixture
def gold(db: None) -> LoyaltyTier:
    return LoyaltyTier.objects.create(name="Gold", slug="gold", rank=10)


@pytest.fixture
def queues(db: None) -> dict[str, Queue]:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    vip = Queue.objects.create(
        name="VIP", slug="vip", phone_system=system, priority_class=1, service_level_percent=90, service_level_s=15
    )
    standard = Queue.objects.create(
        name="Standard", slug="standard", phone_system=system, priority_class=4, promised_wait_s=480
    )
    return {"vip": vip, "standard": standard}


def called(count: int, tier: str, queue: str, at: datetime) -> None:
    """`count` decisions of a tier that went to a queue."""
    start = Decision.objects.count()
    Decision.objects.bulk_create(
        Decision(
            decision_id=f"d{start + number}",
            account="a",
            call_id=f"c{start + number}",
            channel="voice",
            number="+390200",
            queue=queue,
            tier=tier,
            reason="branch",
            decided_at=at,
            document={},
        )
        for number in range(count)
    )


def page(client: Client, asked: dict[str, str | int] | None = None) -> str:
    return unescape(client.get(URL, asked or {}).content.decode())


def value_of(field: str, html: str) -> str | None:
    """What stands in an input of the page."""
    (tag,) = re.findall(rf'<input[^>]*name="{field}"[^>]*>', html)
    found = re.search(r'value="([^"]*)"', tag)
    return found[1] if found else None


def a_week_ago(hour: int) -> datetime:
    day = timezone.localdate() - timedelta(days=7)
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=timezone.get_default_timezone())


@pytest.mark.portable
def test_the_busiest_hour_of_a_week_ago_is_filled_in(
    supervisor_client: Client, gold: LoyaltyTier, queues: dict[str, Queue]
) -> None:
    called(2, "gold", "vip", a_week_ago(10))
    called(5, "", "standard", a_week_ago(10))
    called(1, "gold", "standard", a_week_ago(10))
    called(6, "", "standard", a_week_ago(11))
    html = page(supervisor_client)
    assert "10:00 to 11:00, its busiest hour, with 8 calls" in html
    filled = {"calls_gold": "3", "class_gold": "1", "calls__others": "5", "class__others": "4"}
    targets = {"percent": "90", "within_s": "15", "promised_s": "480"}
    assert {name: value_of(name, html) for name in filled | targets} == filled | targets


def test_what_nobody_reported_is_said_to_be_not_reported(
    supervisor_client: Client, gold: LoyaltyTier, queues: dict[str, Queue]
) -> None:
    called(2, "gold", "vip", a_week_ago(10))
    html = page(supervisor_client)
    assert value_of("agents", html) is None
    assert value_of("handling_s_gold", html) is None
    assert html.count('placeholder="not reported"') >= 2
    assert "Fill in what nobody reported" in html
    assert "errorlist" not in html


@pytest.mark.portable
def test_what_was_reported_is_answered_at_once_and_shared_agents_count_once(
    supervisor_client: Client, gold: LoyaltyTier, queues: dict[str, Queue]
) -> None:
    called(2, "gold", "vip", a_week_ago(10))
    called(30, "", "standard", a_week_ago(10))
    for queue in queues.values():
        said = {"agents_logged_in": 5, "aht_s": 280, "agent_group": "all"}
        QueueState.objects.create(queue=queue, statistics=said, as_of=timezone.now())
    html = page(supervisor_client)
    assert value_of("agents", html) == "5"
    assert value_of("handling_s__others", html) == "280"
    assert "With 5 agents" in html


def test_today_is_counted_when_it_is_asked_for(
    supervisor_client: Client, gold: LoyaltyTier, queues: dict[str, Queue]
) -> None:
    called(2, "gold", "vip", a_week_ago(10))
    called(7, "gold", "vip", datetime.now(UTC))
    html = unescape(supervisor_client.get(URL, {"from": "today"}).content.decode())
    assert value_of("calls_gold", html) == "7"


@pytest.mark.portable
def test_agents_of_their_own_that_harm_the_others_are_called_so(supervisor_client: Client, gold: LoyaltyTier) -> None:
    html = page(supervisor_client, ASKED)
    assert "Agents of their own for Gold harm everybody else more than going first does" in html
    assert "Gold loses: 95 % instead of 96 %." in html
    assert "All 22 agents take everybody, Gold first" in html


def test_agents_of_their_own_that_harm_nobody_are_called_so(supervisor_client: Client, gold: LoyaltyTier) -> None:
    html = page(supervisor_client, ASKED | {"agents": 60, "own": 10})
    assert "do the others no harm here: 100 % of them" in html


def test_a_promise_that_cannot_be_kept_is_called_broken(supervisor_client: Client, gold: LoyaltyTier) -> None:
    kept = page(supervisor_client, ASKED)
    assert "The promise is kept. Callers without a tier: 95 of 100 callers wait" in kept.replace("</strong>", "")
    broken = page(supervisor_client, ASKED | {"agents": 17, "own": ""})
    assert "The promise is broken. Callers without a tier: 5 of 100 callers wait longer than" in broken.replace(
        "</strong>", ""
    )


def test_agents_who_cannot_keep_up_are_said_so(supervisor_client: Client, gold: LoyaltyTier) -> None:
    html = page(supervisor_client, ASKED | {"agents": 15, "own": ""})
    assert "these agents cannot keep up, and the line only grows" in html
    assert "inf" not in re.sub(r"<[^>]+>", " ", html)


def test_head_starts_and_handling_times_that_differ_are_answered(supervisor_client: Client, gold: LoyaltyTier) -> None:
    one_class: dict[str, str | int] = {
        "class_gold": 3,
        "head_start_s_gold": 120,
        "handling_s_gold": 420,
        "patience_s": 180,
    }
    assert "Agents are busy" in page(supervisor_client, ASKED | one_class)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param({"agents": "0"}, {"agents": "greater than or equal to 1"}, id="no agents"),
        pytest.param({"agents": "1e9"}, {"agents": "Enter a whole number"}, id="agents that are no number"),
        pytest.param({"agents": "501"}, {"agents": "less than or equal to 500"}, id="more agents than a room holds"),
        pytest.param({"own": "22"}, {"own": "Some agents must be left"}, id="nobody left for the others"),
        pytest.param({"calls_gold": "-1"}, {"calls_gold": "greater than or equal to 0"}, id="negative calls"),
        pytest.param({"calls_gold": "0", "calls__others": "0"}, {"__all__": "Nobody calls"}, id="nobody calls"),
        pytest.param({"handling_s_gold": ""}, {"handling_s_gold": "This field is required"}, id="no handling time"),
        pytest.param({"class_gold": "9"}, {"class_gold": "less than or equal to 5"}, id="no such class"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(asked: dict[str, str | int], words: dict[str, str]) -> None:
    tiers = [TierCalls("gold", "Gold", 0, ""), TierCalls("", "", 0, "")]
    errors = WhatIfForm(tiers, ASKED | asked).errors
    assert errors.keys() == words.keys()
    assert all(said in str(errors[field]) for field, said in words.items())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param({"own": "22"}, "Some agents must be left", id="nobody left for the others"),
        pytest.param(
            {"calls__others": "20000", "handling_s__others": "7200"}, "Is one of them mistyped?", id="a city of callers"
        ),
    ],
)
def test_what_cannot_be_is_said_without_an_answer(
    supervisor_client: Client, gold: LoyaltyTier, asked: dict[str, str | int], words: str
) -> None:
    html = page(supervisor_client, ASKED | asked)
    assert words in html
    assert "Agents are busy" not in html


def test_the_answer_has_a_table_beside_each_picture(supervisor_client: Client, gold: LoyaltyTier) -> None:
    html = page(supervisor_client, ASKED)
    assert html.count('role="img"') == html.count("The same numbers as a table") == 2
    assert "Now: 22 agents" in html
    assert "Target: 90 %" in html
    assert "Promised to Callers without a tier" in html


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param("supervisor", 200, id="the supervisor"),
        pytest.param("auditor", 200, id="the auditor, who sees queues"),
        pytest.param("stranger", 302, id="not the stranger"),
    ],
)
def test_it_is_read_by(request: pytest.FixtureRequest, who: str, status: int) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    assert client.get(URL).status_code == status


def test_the_menu_leads_to_it(supervisor_client: Client) -> None:
    assert f'href="{URL}"' in supervisor_client.get(reverse("admin:index")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_page_fits_its_window_and_its_console_stays_empty(
    browser: Browser, live_server: Any, supervisor_client: Client, gold: LoyaltyTier
) -> None:
    session = supervisor_client.cookies[settings.SESSION_COOKIE_NAME].value
    complaints: list[str] = []
    for language, width in (("en", 1280), ("ar", 390)):
        context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(f"{live_server.url}{URL}?{urlencode(ASKED)}")
        assert tab.locator("html").get_attribute("lang") == language
        assert tab.locator("figure.chart").count() == 2
        keep(tab, f"what-if-{language}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
    assert complaints == []
