"""The admin of queues: how they stand, closing and reopening at once, and who may."""

from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from queues import switches
from queues.models import Calendar, OpeningHours, PhoneSystem, Queue, QueueState, Switch

pytestmark = pytest.mark.django_db


@pytest.fixture
def standard(db: None) -> Queue:
    return Queue.objects.create(name="Standard", slug="standard")


@pytest.fixture
def vip(standard: Queue) -> Queue:
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", kind="asterisk", hosts="pbx.example.net")
    return Queue.objects.create(
        name="VIP", slug="vip", phone_system=system, voice_address="8001", priority_class=1, overflow_to=standard
    )


@pytest.fixture
def closed_now(vip: Queue) -> Queue:
    """VIP with a calendar that is open on no day."""
    vip.calendar = Calendar.objects.create(name="Never", slug="never", time_zone="Europe/Rome")
    vip.save()
    return vip


def close_url(queue: Queue) -> str:
    return reverse("admin:queues_queue_close", args=[queue.pk])


def reopen_url(queue: Queue) -> str:
    return reverse("admin:queues_queue_reopen", args=[queue.pk])


def test_the_queue_page_says_how_it_stands_and_what_the_phone_system_is_told(
    supervisor_client: Client, vip: Queue
) -> None:
    page = supervisor_client.get(reverse("admin:queues_queue_change", args=[vip.pk])).content.decode()
    assert "Open: it has no opening hours." in page
    assert "QUEUE_PRIO 20" in page
    assert close_url(vip) in page


def test_the_list_shows_the_switch_and_offers_the_way_back(supervisor_client: Client, vip: Queue) -> None:
    switches.close_queue(vip, "fire alarm", None, None)
    page = supervisor_client.get(reverse("admin:queues_queue_changelist")).content.decode()
    assert "Closed by hand until somebody reopens it: fire alarm" in page
    assert reopen_url(vip) in page


def test_the_list_costs_the_same_queries_for_many_queues(
    supervisor_client: Client, vip: Queue, django_assert_max_num_queries: object
) -> None:
    calendar = Calendar.objects.create(name="Office", slug="office")
    OpeningHours.objects.create(calendar=calendar, weekday=0, opens=time(9), closes=time(18))
    for number in range(30):
        Queue.objects.create(name=f"Q{number}", slug=f"q{number}", calendar=calendar)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        supervisor_client.get(reverse("admin:queues_queue_changelist"))


def test_closing_asks_first_and_says_what_follows(supervisor_client: Client, vip: Queue) -> None:
    page = supervisor_client.get(close_url(vip)).content.decode()
    assert "New callers go to Standard." in page
    assert "Calls already waiting are not moved." in page
    assert not Switch.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"when_closed": "reject"}, "they hear the busy tone", id="turned away"),
        pytest.param({"when_closed": "announce", "closed_address": "9001"}, "extension 9001", id="an announcement"),
        pytest.param({"overflow_to": None}, "callers still reach it", id="nowhere else to go"),
    ],
)
def test_closing_says_what_the_queue_does_when_closed(
    supervisor_client: Client, vip: Queue, fields: dict[str, str | None], words: str
) -> None:
    Queue.objects.filter(pk=vip.pk).update(**fields)
    assert words in supervisor_client.get(close_url(vip)).content.decode()


@pytest.mark.parametrize("who", ["stranger", "auditor"])
def test_nobody_without_the_permission_saves_a_queue(request: pytest.FixtureRequest, who: str, vip: Queue) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    for url in (reverse("admin:queues_queue_add"), reverse("admin:queues_queue_change", args=[vip.pk])):
        assert client.post(url, {"name": "Mine", "slug": "mine"}).status_code == (302 if who == "stranger" else 403)
    assert not Queue.objects.filter(name="Mine").exists()


def test_nobody_edits_a_switch_or_a_state(supervisor_client: Client, vip: Queue) -> None:
    switch = switches.close_queue(vip, "fire", None, None)
    state = QueueState.objects.create(queue=vip, statistics={"waiting": 3}, as_of=timezone.now())
    for name, row in (("switch", switch), ("queuestate", state)):
        url = reverse(f"admin:queues_{name}_change", args=[row.pk])
        assert supervisor_client.get(url).status_code == 200
        assert supervisor_client.post(url, {"reason": "rewritten"}).status_code == 403
        assert supervisor_client.post(reverse(f"admin:queues_{name}_delete", args=[row.pk])).status_code == 403


def test_a_queue_in_use_is_not_deleted_and_the_page_says_where(
    supervisor_client: Client, vip: Queue, standard: Queue
) -> None:
    url = reverse("admin:queues_queue_delete", args=[standard.pk])
    page = supervisor_client.get(url).content.decode()
    assert "is in use and cannot be deleted" in page
    assert "VIP" in page
    supervisor_client.post(url, {"post": "yes"})
    assert Queue.objects.filter(pk=standard.pk).exists()


def test_a_queue_that_a_switch_holds_is_not_deleted(supervisor_client: Client, vip: Queue) -> None:
    switches.close_queue(vip, "fire", timezone.now() + timedelta(hours=1), None)
    url = reverse("admin:queues_queue_delete", args=[vip.pk])
    assert "Queue VIP is closed" in supervisor_client.get(url).content.decode()
    supervisor_client.post(url, {"post": "yes"})
    assert Queue.objects.filter(pk=vip.pk).exists()


def test_a_short_name_is_fixed_once_the_thing_exists(supervisor_client: Client, standard: Queue) -> None:
    page = supervisor_client.get(reverse("admin:queues_queue_change", args=[standard.pk])).content.decode()
    assert 'name="slug"' not in page
    assert 'name="slug"' in supervisor_client.get(reverse("admin:queues_queue_add")).content.decode()
