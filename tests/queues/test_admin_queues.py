"""The admin of queues: how they stand, closing and reopening at once, and who may."""

from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from queues import switches
from queues.models import AccountManager, Calendar, OpeningHours, PhoneSystem, Queue, QueueState, Switch

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
    assert "Priority 20. QUEUE_PRIO" in page
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


def test_the_usual_end_is_midnight_where_the_queue_is(supervisor_client: Client, closed_now: Queue) -> None:
    page = supervisor_client.get(close_url(closed_now)).content.decode()
    assert "T00:00" in page
    assert "Time zone: Europe/Rome" in page


def test_one_post_closes_the_queue(supervisor_client: Client, supervisor: User, vip: Queue) -> None:
    supervisor_client.post(close_url(vip), {"reason": "fire alarm", "until": ""})
    switch = Switch.objects.get()
    assert (switch.kind, switch.subject, switch.until) == ("close_queue", "vip", None)
    assert switch.created_by == supervisor
    assert Change.objects.filter(topic="state", key=f"switch:{switch.pk}").exists()


def test_the_end_is_read_in_the_queues_zone(supervisor_client: Client, closed_now: Queue) -> None:
    supervisor_client.post(close_url(closed_now), {"reason": "fair", "until": "2099-07-01T18:00"})
    until = Switch.objects.get().until
    assert until is not None
    assert until.isoformat().startswith("2099-07-01T16:00")


@pytest.mark.parametrize(
    "answer", [{"reason": ""}, {"reason": "x", "until": "2020-01-01T00:00"}, {"reason": "x", "until": "?"}]
)
def test_a_wrong_answer_is_shown_again_and_switches_nothing(
    supervisor_client: Client, vip: Queue, answer: dict[str, str]
) -> None:
    response = supervisor_client.post(close_url(vip), answer)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Switch.objects.exists()


def test_reopening_ends_the_switch(supervisor_client: Client, supervisor: User, vip: Queue) -> None:
    switch = switches.close_queue(vip, "fire", None, None)
    supervisor_client.post(reopen_url(vip))
    switch.refresh_from_db()
    assert switch.ended_by == supervisor


def test_reopening_outside_the_hours_opens_in_spite_of_them(supervisor_client: Client, closed_now: Queue) -> None:
    supervisor_client.post(reopen_url(closed_now), {"reason": "fair", "until": ""})
    assert Switch.objects.get().kind == "open_queue"


def test_a_number_is_sent_elsewhere_and_back(supervisor_client: Client, vip: Queue) -> None:
    answer = {"subject": "+39 02 1234567", "target_queue": str(vip.pk), "reason": "line broken", "until": ""}
    supervisor_client.post(reverse("admin:queues_switch_send"), answer)
    switch = Switch.objects.get()
    assert (switch.subject, switch.target_queue) == ("+39021234567", vip)
    supervisor_client.post(reverse("admin:queues_switch_end", args=[switch.pk]))
    assert switches.in_force(timezone.now()) == []


@pytest.mark.parametrize("who", ["stranger", "auditor"])
def test_nobody_without_the_permission_switches(request: pytest.FixtureRequest, who: str, vip: Queue) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    held = switches.close_queue(vip, "fire", None, None)
    answer = {"reason": "x", "until": "", "subject": "+39021234567", "target_queue": str(vip.pk)}
    urls = [close_url(vip), reopen_url(vip), reverse("admin:queues_switch_send")]
    for url in [*urls, reverse("admin:queues_switch_end", args=[held.pk])]:
        assert client.post(url, answer).status_code == (302 if who == "stranger" else 403)
        assert client.get(url).status_code == (302 if who == "stranger" else 403)
    held.refresh_from_db()
    assert held.ended_at is None
    assert Switch.objects.count() == 1


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
    assert "close the queue: vip" in supervisor_client.get(url).content.decode()
    supervisor_client.post(url, {"post": "yes"})
    assert Queue.objects.filter(pk=vip.pk).exists()


def test_presence_is_switched_in_the_list_and_marked(supervisor_client: Client, db: None) -> None:
    anna = AccountManager.objects.create(name="Anna", slug="anna", address="+393331234567")
    Change.objects.all().delete()
    form = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(anna.pk), "_save": "Save"}
    supervisor_client.post(reverse("admin:queues_accountmanager_changelist"), form)
    anna.refresh_from_db()
    assert not anna.is_present
    assert Change.objects.filter(topic="state", key="manager:anna").exists()


def test_a_short_name_is_fixed_once_the_thing_exists(supervisor_client: Client, standard: Queue) -> None:
    page = supervisor_client.get(reverse("admin:queues_queue_change", args=[standard.pk])).content.decode()
    assert 'name="slug"' not in page
    assert 'name="slug"' in supervisor_client.get(reverse("admin:queues_queue_add")).content.decode()
