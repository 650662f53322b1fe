"""Home: what is live, whether the draft differs, the queues now, today's decisions; each person what he may see."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts import roles
from contactcenter.accounts.models import User
from contactcenter.foundation.models import GuidedSetUp, Team
from contactcenter.home.today import today
from customers.models import CrmConnection, LoyaltyTier
from queues import switches
from queues.models import Calendar, Queue, QueueState
from routing import publishing
from routing.models import Decision, Flow, Number, ProviderAccount, ReportInterval, ReportMark
from routing.reports.counting import count_new
from tests.people import logged_in
from tests.portal.test_admin_pages import MOST_QUERIES_AT_HOME

pytestmark = pytest.mark.django_db

HOME = "/admin/"


def text_of(client: Client) -> str:
    """Home without what stands around it, its blanks drawn together."""
    page = client.get(HOME).content.decode().partition('id="content-main"')[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<footer")[0]))


def of_role(role: str) -> User:
    """Somebody who may what this role may."""
    person = User.objects.create_user(f"some {role}", is_staff=True)
    allowed = User.user_permissions.through
    known = Permission.objects.select_related("content_type")
    allowed.objects.bulk_create(  # not by set(), which writes a line of history for each
        allowed(user=person, permission=each)
        for each in known
        if f"{each.content_type.app_label}.{each.codename}" in roles.ROLES[role]
    )
    return person


@pytest.fixture
def vip(db: None) -> Queue:
    reached = {"voice_kind": "phone", "voice_address": "+390212345678"}
    return Queue.objects.create(name="VIP", slug="vip", is_emergency=True, agents_per_caller=2, **reached)


def reports(queue: Queue, ago: timedelta = timedelta(), **numbers: Any) -> None:
    as_of = timezone.now() - ago
    QueueState.objects.update_or_create(queue=queue, defaults={"as_of": as_of, "statistics": numbers})


def test_an_empty_portal_says_what_to_do_first_and_whom_to_ask(supervisor_client: Client) -> None:
    page = supervisor_client.get(HOME).content.decode()
    assert "Set up priority routing in five minutes" in page
    assert reverse("admin:routing_provideraccount_add") in page
    said = text_of(logged_in(of_role(roles.SUPERVISOR)))
    assert "No telephone line connected: ask your integrator" in said
    assert "No CRM connected: ask your integrator" in said
    assert "Add the queues where contacts wait" in said
    said = text_of(logged_in(of_role(roles.INTEGRATOR)))
    assert "Connect the telephone line" in said
    assert "No queues yet: ask your supervisor" in said
    assert "Set up priority routing" not in text_of(logged_in(of_role(roles.ANALYST)))


def test_a_set_up_that_was_begun_is_gone_on_with(supervisor: User, supervisor_client: Client) -> None:
    GuidedSetUp.objects.create(begun_by=supervisor)
    assert "Go on with the set-up" in text_of(supervisor_client)
    assert "Go on with the set-up" not in text_of(logged_in(of_role(roles.SUPERVISOR)))


def test_when_only_publishing_is_missing_it_says_who_publishes(vip: Queue) -> None:
    account = ProviderAccount.objects.create(name="SBC", slug="sbc", dialect="native")
    Number.objects.create(account=account, address="+390255512345", label="Line", default_queue=vip)
    assert "Nothing is published yet: ask your publisher" in text_of(logged_in(of_role(roles.SUPERVISOR)))
    assert "Publish the draft" in text_of(logged_in(of_role(roles.PUBLISHER)))


def test_what_is_live_and_how_the_draft_differs_is_said_in_words(supervisor: User, supervisor_client: Client) -> None:
    vip = Queue.objects.create(
        name="VIP", slug="vip", voice_kind="phone", voice_address="+390212345678", is_emergency=True
    )
    publishing.publish("Opening day", supervisor)
    said = text_of(supervisor_client)
    assert "Release 1" in said
    assert "Opening day" in said
    assert f"· {supervisor}" in said
    assert "The draft is what is live" in said
    Queue.objects.filter(pk=vip.pk).update(head_start_s=300)
    for number in range(6):
        LoyaltyTier.objects.create(name=f"Tier {number}", slug=f"tier-{number}", rank=number + 1)
    said = text_of(supervisor_client)
    assert "The draft differs from what is live" in said
    assert "Queue “VIP”: head start 300 s instead of 0 s" in said
    assert said.count("is new.") == 4
    assert "and 2 more" in said


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        pytest.param({"waiting": 4, "agents_logged_in": 2}, "0.50 (target 2) below the target", id="too few agents"),
        pytest.param({"waiting": 1, "agents_logged_in": 3}, "3 (target 2)", id="enough agents"),
        pytest.param({"waiting": 0, "agents_logged_in": 3}, "– (target 2)", id="nobody waits"),
        pytest.param({"waiting": 4}, "– (target 2)", id="nobody says how many agents there are"),
        pytest.param({"waiting": 4, "estimated_wait_s": 200}, "3 min 20 s", id="the phone system's estimate"),
        pytest.param(
            {"waiting": 4, "estimated_wait_s": 48, "estimated_wait_origin": "estimated"},
            "48 s (our estimate)",
            id="an estimate of ours",
        ),
    ],
)
def test_a_queue_says_how_it_is_now(numbers: dict[str, Any], words: str, vip: Queue, supervisor_client: Client) -> None:
    reports(vip, **numbers)
    said = text_of(supervisor_client)
    assert words in said
    assert ("below the target" in said) is ("below" in words)
    assert "Open: it has no opening hours. Close now" in said


def test_what_was_reported_too_long_ago_is_said_to_be_old(vip: Queue, supervisor_client: Client) -> None:
    assert "Nobody reports how many wait." in text_of(supervisor_client)
    reports(vip, ago=timedelta(minutes=5), waiting=77)
    said = text_of(supervisor_client)
    assert "Nothing reported since" in said
    assert "77" not in said


def test_a_queue_closed_by_hand_can_be_reopened_from_here(
    vip: Queue, supervisor: User, supervisor_client: Client
) -> None:
    switches.close_queue(vip, "Fire drill", None, supervisor)
    page = supervisor_client.get(HOME).content.decode()
    assert "Closed by hand until somebody reopens it: Fire drill" in page
    assert reverse("admin:queues_queue_reopen", args=[vip.pk]) in page
    assert (
        reverse("admin:queues_queue_reopen", args=[vip.pk])
        not in logged_in(of_role(roles.AUDITOR)).get(HOME).content.decode()
    )


def decided(at: datetime, queue: str = "vip", tier: str = "gold") -> Decision:
    return Decision.objects.create(
        decision_id=f"{Decision.objects.count():032d}",
        account="sbc",
        call_id=f"call-{Decision.objects.count()}",
        channel="voice",
        number="+390212345678",
        caller="+393471234578",
        release=1,
        queue=queue,
        tier=tier,
        reason="branch",
        decided_at=at,
        document={"answer": {"action": "transfer"}},
    )


def test_todays_decisions_are_counted_by_tier_and_queue_as_of_the_last_count(
    vip: Queue, supervisor: User, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=2)
    now = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)  # two in the morning of the 23rd there
    decided(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))  # eleven at night of the 22nd
    decided(datetime(2026, 11, 22, 11, 30, tzinfo=UTC))
    decided(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), queue="gone", tier="")
    last = decided(datetime(2026, 11, 22, 12, 40, tzinfo=UTC))
    count_new(float("inf"))
    decided(datetime(2026, 11, 22, 12, 50, tzinfo=UTC))  # not counted yet
    told = today(supervisor, now)
    assert told.tiers == ["Gold", "no tier"]
    assert [(row.name, row.counts, row.total) for row in told.rows] == [("VIP", [2, 0], 2), ("gone", [0, 1], 1)]
    assert (told.totals, told.total, told.as_of) == ([2, 1], 3, last.decided_at)
    assert "first=2026-11-23&last=2026-11-23" in told.url
    ReportMark.objects.filter(pk="routing_decision").update(cursor=0)  # a round of counting that has just begun
    assert today(supervisor, now).as_of is None, "nothing is promised of a round that is not at its end"


def test_each_queues_bar_shows_its_tiers_in_hundredths_of_the_longest(vip: Queue, supervisor_client: Client) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    ReportInterval.objects.bulk_create(
        ReportInterval(starts_at=now, channel="voice", queue=queue, tier=tier, contacts=contacts)
        for queue, tier, contacts in [("vip", "gold", 2), ("vip", "silver", 4), ("other", "silver", 3)]
    )
    page = supervisor_client.get(HOME, headers={"accept-language": "de"}).content.decode()
    drawn = re.findall(r'series-(\d)" x="([^"]+)" width="([^"]+)"', page)
    assert drawn == [("1", "0.0", "33.33"), ("2", "33.33", "66.67"), ("2", "0.0", "50.0")]


@pytest.mark.parametrize(
    ("differs", "main"),
    [
        pytest.param(True, "See what changed, and publish", id="the draft differs: publish it"),
        pytest.param(False, "Try a call", id="nothing to publish: try a call"),
    ],
)
def test_home_has_one_main_button(
    differs: bool, main: str, vip: Queue, supervisor: User, supervisor_client: Client
) -> None:
    account = ProviderAccount.objects.create(name="SBC", slug="sbc", dialect="native")
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=2)
    flow = Flow.objects.create(name="Priority", slug="priority", last_path=vip)
    Number.objects.create(account=account, address="+390255512345", label="Line", default_queue=vip, flow=flow)
    CrmConnection.objects.create(name="CRM", slug="crm")
    publishing.publish("Opening day", supervisor)
    if differs:
        Queue.objects.filter(pk=vip.pk).update(head_start_s=300)
    page = supervisor_client.get(HOME).content.decode().partition('id="content-main"')[2]
    assert re.findall(r'class="button default"[^>]*>([^<]+)<', page) == [main]


def test_todays_table_says_how_old_it_is(vip: Queue, supervisor_client: Client) -> None:
    assert "None has been counted yet today." in text_of(supervisor_client)
    at = timezone.now().astimezone(ZoneInfo("UTC"))
    decided(at)
    count_new(float("inf"))
    said = text_of(supervisor_client)
    assert f"{at:%H:%M}: new ones are counted within ten minutes." in said
    assert "VIP 1 1" in said


def test_home_costs_the_same_however_much_there_is(
    vip: Queue, supervisor: User, supervisor_client: Client, django_assert_max_num_queries: Any
) -> None:
    publishing.publish("First", supervisor)
    calendar = Calendar.objects.create(name="Office", slug="office", time_zone="Europe/Rome")
    calendar.hours.create(weekday=0, opens="09:00", closes="18:00")
    for number in range(30):
        queue = Queue.objects.create(name=f"Queue {number}", slug=f"queue-{number}", calendar=calendar)
        reports(queue, waiting=number)
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    ReportInterval.objects.bulk_create(
        ReportInterval(starts_at=now, channel="voice", queue=f"queue-{number}", tier=f"tier-{number % 5}", contacts=1)
        for number in range(30)
    )
    with django_assert_max_num_queries(MOST_QUERIES_AT_HOME) as asked:
        said = text_of(supervisor_client)
    assert "and 11 more queues" in said
    of_decisions = [query["sql"] for query in asked if 'FROM "routing_decision"' in query["sql"]]
    assert all('"routing_decision"."id" =' in sql for sql in of_decisions), "decisions are never scanned"


def test_each_sees_what_he_may_see(vip: Queue, supervisor: User, client: Client) -> None:
    publishing.publish("First", supervisor)
    said = text_of(logged_in(of_role(roles.ANALYST)))
    assert "Decisions today" in said
    assert "Last CRM sync" not in said
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    said = text_of(client)
    assert not re.search("VIP|First|Decisions today|Queues now|Draft", said)


def test_a_member_of_a_team_sees_nothing_of_another_team(vip: Queue, supervisor: User) -> None:
    publishing.publish("First", supervisor)
    milan, rome = Team.objects.create(name="Milan"), Team.objects.create(name="Rome")
    Queue.objects.create(name="Milan calls", slug="milan", belongs_to=milan)
    Queue.objects.create(name="Rome calls", slug="rome", belongs_to=rome)
    decided(timezone.now(), queue="rome")
    count_new(float("inf"))
    person = of_role(roles.SUPERVISOR)
    person.teams.add(milan)
    said = text_of(logged_in(person))
    assert "Queue “Milan calls” is new." in said
    assert "Rome" not in said
    assert "rome" not in said
