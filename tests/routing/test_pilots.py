"""Pilots in the portal: who may try the draft with which numbers, until when, and how that is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from contactcenter.privacy import erasing, exporting, finding
from routing import broadcast, pilots, publishing
from routing.models import Branch, Decision, Flow, Pilot, Release
from tests.routing.draft import good_release

pytestmark = pytest.mark.django_db

MINE, YOURS = "+393331234567", "+393337654321"
LIST, START = "/admin/routing/pilot/", "/admin/routing/pilot/start/"


@pytest.fixture(autouse=True)
def live() -> None:
    """Something is published, and the draft goes on from there: silver is called otherwise."""
    good_release()
    Branch.objects.filter(slug="silver").update(label="Silver, newly")


def start(*callers: str, hours: float = 2, by: User | None = None) -> Pilot:
    return pilots.start(callers or (MINE,), timezone.now() + timedelta(hours=hours), by)


def test_a_pilot_holds_the_draft_of_its_beginning_and_is_told_to_decide_hosts() -> None:
    pilot = start()
    Branch.objects.filter(slug="silver").update(label="Edited since")
    assert "Silver, newly" in Pilot.objects.get().document
    assert Change.objects.filter(topic="callers", key=f"pilot:{pilot.pk}", seq=None).exists()
    told = broadcast.caller_documents([f"pilot:{pilot.pk}"])[f"pilot:{pilot.pk}"]
    assert told is not None
    assert (told["callers"], told["sha256"], told["document"]) == ([MINE], pilot.sha256, pilot.document)


def test_renewing_goes_on_with_todays_draft_for_the_same_callers_until_the_same_end(supervisor: User) -> None:
    first = start(MINE, YOURS)
    Branch.objects.filter(slug="silver").update(label="Edited since")
    second = pilots.renew(first, supervisor)
    assert [each.pk for each in pilots.running()] == [second.pk]
    assert "Edited since" in second.document
    assert (second.callers, second.until) == (first.callers, first.until)
    with pytest.raises(ValidationError, match="has ended"):
        pilots.renew(first, supervisor)


def test_a_pilot_ends_by_itself_and_when_somebody_ends_it(supervisor: User) -> None:
    pilot = start()
    assert not pilots.running(pilot.until).exists()
    pilots.end(pilot, supervisor)
    assert not pilots.running().exists()
    assert broadcast.caller_documents([f"pilot:{pilot.pk}"]) == {f"pilot:{pilot.pk}": None}
    pilots.end(pilot, None)
    assert Pilot.objects.get().ended_by == supervisor, "the first who ended it"


@pytest.mark.parametrize(
    ("act", "words"),
    [
        pytest.param(lambda: start(hours=25), "within a day", id="longer than a day"),
        pytest.param(lambda: start(hours=-1), "within a day", id="an end that is over"),
        pytest.param(lambda: start(*(f"+3933312345{n:02}" for n in range(21))), "Between one and 20", id="a crowd"),
        pytest.param(lambda: (start(MINE, YOURS), start(YOURS)), "in a pilot of", id="a number of another pilot"),
        pytest.param(lambda: pilots.read_callers(f"{MINE}\nmy mobile"), "Number 2 cannot be read", id="no number"),
        pytest.param(lambda: pilots.read_callers("333 1234567"), "country code", id="a number without country code"),
    ],
)
def test_it_is_refused(act: Callable[[], object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        act()


def test_a_draft_with_errors_is_not_tried() -> None:
    Flow.objects.get().branches.all().delete()
    Branch.objects.create(
        flow=Flow.objects.get(),
        slug="x",
        label="X",
        queue=Flow.objects.get().last_path,
        conditions=[[{"variable": "?"}]],
    )
    with pytest.raises(publishing.NotPublishable):
        start()
    assert not Pilot.objects.exists()


def test_before_anything_is_live_nothing_is_tried() -> None:
    Release.objects.all().delete()
    with pytest.raises(pilots.NothingLive):
        start()


def test_the_supervisor_starts_renews_and_ends_one(supervisor_client: Client) -> None:
    assert "Silver, newly" in supervisor_client.get(START).content.decode(), "it says what will be tried"
    answer = supervisor_client.post(START, {"callers": "+39 333 123 4567", "lasts": "2"}, follow=True)
    pilot = Pilot.objects.get()
    assert pilot.callers == [MINE]
    assert timedelta(minutes=119) < pilot.until - timezone.now() <= timedelta(hours=2)
    assert f"/admin/routing/pilot/{pilot.pk}/end/" in answer.content.decode()
    supervisor_client.post(f"{LIST}{pilot.pk}/renew/")
    second = pilots.running().get()
    supervisor_client.post(f"{LIST}{second.pk}/end/")
    assert not pilots.running().exists()
    assert supervisor_client.get(f"{LIST}{second.pk}/change/").status_code == 200


def test_the_end_is_said_by_the_clock_of_the_portal(supervisor_client: Client, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    answer = supervisor_client.post(START, {"callers": MINE, "lasts": "2"}, follow=True)
    ends = f"{timezone.localtime(Pilot.objects.get().until):%H:%M}"
    assert [str(each) for each in answer.context["messages"] if f"{ends}." in str(each)], ends


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(supervisor_client: Client) -> None:
    answer = supervisor_client.post(START, {"callers": f"{MINE}\nmine", "lasts": "8"})
    assert answer.context["form"].errors.keys() == {"callers"}
    assert f"{MINE}\nmine" in answer.content.decode()


@pytest.mark.parametrize("way", ["start", "renew", "end"])
def test_who_may_not_publish_may_not_try(auditor_client: Client, way: str) -> None:
    pilot = start()
    address = START if way == "start" else f"{LIST}{pilot.pk}/{way}/"
    assert auditor_client.post(address, {"callers": YOURS, "lasts": "2"}).status_code == 403
    text = auditor_client.get(LIST).content.decode()
    assert START not in text
    assert f"{pilot.pk}/end/" not in text


def test_who_may_not_see_callers_sees_them_masked(auditor: User, auditor_client: Client) -> None:
    auditor.user_permissions.remove(Permission.objects.get(codename="view_callers"))
    start()
    text = auditor_client.get(LIST).content.decode()
    assert MINE not in text
    assert "+39********67" in text


def test_a_decision_is_explained_by_the_draft_of_its_pilot(admin_client: Client) -> None:
    pilot = start()
    Branch.objects.filter(slug="silver").update(label="Edited since")
    publishing.publish("second", by=None)
    decision = Decision.objects.create(
        **{"decision_id": "a" * 32, "account": "a", "call_id": "c", "channel": "voice", "number": "+390212345678"},
        **{"flow": "priority-customers", "branch": "silver", "queue": "priority", "tier": "silver"},
        reason="branch",
        caller=MINE,
        decided_at=timezone.now(),
        document={"answer": {"pilot": pilot.pk}, "variables": {"customer.tier": "silver"}},
    )
    text = admin_client.get(f"/admin/routing/decision/{decision.pk}/change/").content.decode()
    assert "Decided by the draft, as a pilot call." in text
    assert reverse("admin:routing_pilot_change", args=[pilot.pk]) in text
    assert "Silver, newly" in text
    assert "Edited since" not in text


def test_an_erased_person_is_in_no_pilot_any_more() -> None:
    pilots.end(start(MINE), None)
    together = start(MINE, YOURS)
    person = finding.by_address("phone", MINE)
    assert [row["callers"] for row in exporting.export(person)["tables"]["routing_pilot"]] == [[MINE], [MINE]]
    erasing.begin(person)
    assert [each.callers for each in Pilot.objects.order_by("pk")] == [[], [YOURS]]
    assert list(pilots.running()) == [together]


def test_a_pilot_without_callers_ends() -> None:
    start(MINE)
    erasing.begin(finding.by_address("phone", MINE))
    assert not pilots.running().exists()


def test_what_is_over_leaves_the_decide_hosts_at_night() -> None:
    over = start(MINE)
    start(YOURS, hours=3)
    for now, cleared in ((timezone.now(), []), (over.until, [f"pilot:{over.pk}"])):
        Change.objects.update(seq=1)
        pilots.clear_hosts(now)
        assert list(Change.objects.filter(seq=None).values_list("key", flat=True)) == cleared
