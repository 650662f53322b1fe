"""The pages of the switches: how long one holds, which numbers it is about, and what every page says of it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from queues import switches
from queues.admin.switch_forms import SendForm, SwitchForm
from queues.models import Calendar, PhoneSystem, Queue, Switch
from routing.models import Number, ProviderAccount

pytestmark = pytest.mark.django_db

SEND, ANNOUNCE = "admin:queues_switch_send", "admin:queues_switch_announce"


@pytest.fixture
def vip(db: None) -> Queue:
    """VIP, with a calendar in Rome that is open on no day."""
    system = PhoneSystem.objects.create(name="PBX", slug="pbx", kind="asterisk", hosts="pbx.example.net")
    never = Calendar.objects.create(name="Never", slug="never", time_zone="Europe/Rome")
    return Queue.objects.create(name="VIP", slug="vip", phone_system=system, voice_address="8001", calendar=never)


def close_url(queue: Queue) -> str:
    return reverse("admin:queues_queue_close", args=[queue.pk])


def reopen_url(queue: Queue) -> str:
    return reverse("admin:queues_queue_reopen", args=[queue.pk])


def test_the_page_says_when_the_day_ends_there_and_proposes_that(supervisor_client: Client, vip: Queue) -> None:
    page = supervisor_client.get(close_url(vip)).content.decode()
    assert ", 00:00 (Europe/Rome)." in page
    assert 'value="day" required id="id_lasting_0" checked' in page


@pytest.mark.parametrize(
    ("answer", "hours"),
    [
        pytest.param({"lasting": "hour"}, (1, 1), id="for one hour"),
        pytest.param({"lasting": "day"}, (0, 25), id="until the end of the day"),
        pytest.param({"lasting": "open_end"}, None, id="until somebody ends it"),
    ],
)
def test_a_switch_lasts(
    supervisor_client: Client, supervisor: User, vip: Queue, answer: dict[str, str], hours: tuple[int, int] | None
) -> None:
    supervisor_client.post(close_url(vip), {"reason": "fire alarm"} | answer)
    switch = Switch.objects.get()
    assert (switch.kind, switch.subject, switch.created_by) == ("close_queue", "vip", supervisor)
    assert Change.objects.filter(topic="state", key=f"switch:{switch.pk}").exists()
    if hours is None:
        assert switch.until is None
    else:
        assert switch.until is not None
        lasts = switch.until - switch.created_at
        assert timedelta(hours=hours[0], minutes=-1) <= lasts <= timedelta(hours=hours[1], minutes=1)


def test_the_end_is_read_in_the_queues_zone(supervisor_client: Client, vip: Queue) -> None:
    answer = {"reason": "fair", "lasting": "moment", "until": "2099-07-01T18:00"}
    supervisor_client.post(close_url(vip), answer)
    assert Switch.objects.get().until == datetime.fromisoformat("2099-07-01T16:00+00:00")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"reason": "", "lasting": "day"}, id="without a reason"),
        pytest.param({"reason": "x"}, id="without saying how long"),
        pytest.param({"reason": "x", "lasting": "moment"}, id="until a time that is not given"),
        pytest.param({"reason": "x", "lasting": "moment", "until": "?"}, id="until what is no time"),
    ],
)
def test_a_wrong_answer_is_refused(answer: dict[str, str]) -> None:
    assert not SwitchForm(answer, zone=ZoneInfo("Europe/Rome")).is_valid()


def test_a_wrong_answer_is_shown_again_and_switches_nothing(supervisor_client: Client, vip: Queue) -> None:
    answer = {"reason": "x", "lasting": "moment", "until": "2020-01-01T00:00"}  # a time that is over
    response = supervisor_client.post(close_url(vip), answer)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Switch.objects.exists()


def test_reopening_ends_the_switch(supervisor_client: Client, supervisor: User, vip: Queue) -> None:
    switch = switches.close_queue(vip, "fire", None, None)
    supervisor_client.post(reopen_url(vip))
    switch.refresh_from_db()
    assert switch.ended_by == supervisor


def test_reopening_outside_the_hours_opens_in_spite_of_them(supervisor_client: Client, vip: Queue) -> None:
    supervisor_client.post(reopen_url(vip), {"reason": "fair", "lasting": "hour"})
    assert Switch.objects.get().kind == "open_queue"


def held() -> set[tuple[str, str, str]]:
    return {
        (each.kind, each.subject, each.target_queue.slug if each.target_queue else each.target_address)
        for each in switches.in_force(timezone.now())
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {"numbers": "+39 02 1234567\n\n+390255500000", "target_queue": "vip"},
            {("send_number", "+39021234567", "vip"), ("send_number", "+390255500000", "vip")},
            id="two numbers to a queue",
        ),
        pytest.param({"every": "on", "target_queue": "vip"}, {("send_number", "*", "vip")}, id="everything to a queue"),
        pytest.param(
            {"every": "on", "outside": "+39 333 1234567"},
            {("send_outside", "*", "+393331234567")},
            id="everything to a mobile",
        ),
        pytest.param({"every": "on", "outside": "333"}, set(), id="an outside number without its country"),
        pytest.param(
            {"numbers": "+390255500000\n+393331234567", "outside": "+393331234567"},
            set(),
            id="a number to itself, and then not the other one either",
        ),
    ],
)
def test_numbers_are_sent_elsewhere(
    supervisor_client: Client, vip: Queue, answer: dict[str, Any], expected: set[tuple[str, str, str]]
) -> None:
    if answer.get("target_queue"):
        answer = answer | {"target_queue": str(vip.pk)}
    response = supervisor_client.post(reverse(SEND), {"reason": "line broken", "lasting": "day"} | answer)
    assert response.status_code == (302 if expected else 200)
    assert held() == expected


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"every": "on"}, id="everything to nowhere"),
        pytest.param({"outside": "+393331234567"}, id="no number at all"),
        pytest.param({"every": "on", "numbers": "+39021234567", "outside": "+393331234567"}, id="every number and one"),
        pytest.param({"numbers": "12 34", "outside": "+393331234567"}, id="what is no number"),
        pytest.param({"every": "on", "outside": "+393331234567", "target_queue": "vip"}, id="to two places"),
    ],
)
def test_numbers_are_not_sent(vip: Queue, answer: dict[str, Any]) -> None:
    if answer.get("target_queue"):
        answer = answer | {"target_queue": str(vip.pk)}
    assert not SendForm({"reason": "line broken", "lasting": "day"} | answer).is_valid()


def test_a_number_that_is_not_set_up_is_switched_with_a_warning(supervisor_client: Client, vip: Queue) -> None:
    account = ProviderAccount.objects.create(name="Trunk", dialect="native")
    Number.objects.create(account=account, address="+390255500000", label="Hotline", default_queue=vip)
    answer = {"numbers": "+390255500000\n+39 02 5550009", "target_queue": str(vip.pk), "lasting": "day"}
    page = supervisor_client.post(reverse(SEND), answer | {"reason": "line broken"}, follow=True)
    assert len(held()) == 2
    assert [each.message for each in page.context["messages"] if each.level_tag == "warning"] == [
        "Not among the numbers that are set up: +39025550009. There the switch alters nothing. Mistyped?"
    ]


def test_an_announcement_needs_an_extension_of_a_phone_system_that_can_be_called(
    supervisor_client: Client, vip: Queue
) -> None:
    mute = PhoneSystem.objects.create(name="Mute", slug="mute", kind="asterisk")
    answer = {"every": "on", "reason": "fire", "lasting": "hour", "extension": "8900"}
    assert supervisor_client.post(reverse(ANNOUNCE), answer | {"target_system": mute.pk}).status_code == 200
    wrong = {"target_system": vip.phone_system_id, "extension": "89 00"}
    assert supervisor_client.post(reverse(ANNOUNCE), answer | wrong).status_code == 200
    assert held() == set()
    supervisor_client.post(reverse(ANNOUNCE), answer | {"target_system": vip.phone_system_id})
    assert held() == {("announce", "*", "8900")}


def test_every_page_says_what_is_in_force_by_whom_and_offers_the_end(
    supervisor_client: Client, auditor_client: Client, supervisor: User, vip: Queue
) -> None:
    switch = switches.close_queue(vip, "fire alarm", timezone.now() + timedelta(hours=1), supervisor)
    end = reverse("admin:queues_switch_end", args=[switch.pk])
    for url in (reverse("admin:index"), reverse("admin:queues_calendar_changelist"), close_url(vip)):
        page = supervisor_client.get(url).content.decode()
        assert "Queue VIP is closed" in page
        assert "supervisor" in page
        assert "fire alarm" in page
        assert end in page
    read_only = auditor_client.get(reverse("admin:index")).content.decode()
    assert "Queue VIP is closed" in read_only
    assert end not in read_only
    supervisor_client.post(end)
    assert "fire alarm" not in supervisor_client.get(reverse("admin:index")).content.decode()


def test_the_history_says_who_ended_it(supervisor_client: Client, vip: Queue) -> None:
    switches.close_queue(vip, "fire", None, switches.CommandLine("anna on dc1"))
    supervisor_client.post(reopen_url(vip))
    page = supervisor_client.get(reverse("admin:queues_switch_changelist")).content.decode()
    assert "anna on dc1" in page
    assert " by supervisor" in page


@pytest.mark.parametrize("who", ["stranger", "auditor"])
def test_nobody_without_the_permission_switches(request: pytest.FixtureRequest, who: str, vip: Queue) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    held = switches.close_queue(vip, "fire", None, None)
    answer = {"reason": "x", "lasting": "day", "every": "on", "target_queue": str(vip.pk)}
    urls = [close_url(vip), reopen_url(vip), reverse(SEND), reverse(ANNOUNCE)]
    for url in [*urls, reverse("admin:queues_switch_end", args=[held.pk])]:
        assert client.post(url, answer).status_code == (302 if who == "stranger" else 403)
        assert client.get(url).status_code == (302 if who == "stranger" else 403)
    held.refresh_from_db()
    assert held.ended_at is None
    assert Switch.objects.count() == 1
