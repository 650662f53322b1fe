"""A number waits for its first contact, then says when and where it went; a silent one raises an alarm."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from routing import number_use, publishing, shipping
from routing.contacts import Contact
from routing.decide import Plane, decide
from routing.models import Decision, Number, NumberUse
from routing.spool import DECISION, Row, courier_end, unshipped
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer
from tests.routing.draft import good_release

pytestmark = pytest.mark.django_db

HOTLINE, WHATSAPP = "voice:+390212345678", "whatsapp:+390212345678"
EIGHT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def decided(key: str, minutes: int, queue: str = "vip") -> dict[str, Any]:
    """What counts of a spooled decision, some minutes after eight."""
    at = EIGHT + timedelta(minutes=minutes)
    return {"contact": {"number": key}, "decided_at": at.isoformat(), "answer": {"queue": queue}}


def use_of(key: str = HOTLINE) -> tuple[Any, ...]:
    use = NumberUse.objects.get(key=key)
    return use.first_at, use.first_queue, use.last_at, use.last_queue


@pytest.fixture
def published() -> None:
    """GOOD, live since now: a hotline and a WhatsApp number."""
    number_use.follow(good_release())


@pytest.mark.parametrize(
    "batches",
    [
        pytest.param([[(3, "vip"), (7, "standard"), (1, "priority")]], id="one batch out of order"),
        pytest.param([[(1, "priority")], [(3, "vip")], [(7, "standard")]], id="one after the other"),
        pytest.param([[(7, "standard")], [(3, "vip")], [(1, "priority")]], id="an older host ships later"),
        pytest.param([[(1, "priority"), (7, "standard")]] * 2, id="shipped twice"),
    ],
)
def test_the_first_and_the_last_contact_count_in_whatever_order_they_are_shipped(
    batches: list[list[tuple[int, str]]],
) -> None:
    for batch in batches:
        number_use.note([decided(HOTLINE, minutes, queue) for minutes, queue in batch])
    assert use_of() == (EIGHT + timedelta(minutes=1), "priority", EIGHT + timedelta(minutes=7), "standard")


def test_a_batch_costs_a_statement_a_number_however_many_contacts_it_has() -> None:
    batch = [decided(key, minute) for minute in range(200) for key in (WHATSAPP, HOTLINE)]
    with CaptureQueriesContext(connection) as made:
        number_use.note(batch)
    assert len(made) == 1  # one statement, executed for two numbers
    assert use_of(WHATSAPP)[2] == use_of(HOTLINE)[2] == EIGHT + timedelta(minutes=199)


@pytest.mark.parametrize(
    ("to", "key"),
    [
        pytest.param(live_folder.VOICE_NUMBER, f"voice:{live_folder.VOICE_NUMBER}", id="as it is written"),
        pytest.param(f"sip:{live_folder.VOICE_NUMBER}@sbc.example.com", f"voice:{live_folder.VOICE_NUMBER}", id="SIP"),
        pytest.param("00390255500000", f"voice:{live_folder.VOICE_NUMBER}", id="with 00"),
        pytest.param("+390299999999", "", id="a number that is not set up"),
    ],
)
def test_a_real_decision_names_the_number_as_the_release_does(decide_server: DecideServer, to: str, key: str) -> None:
    plane: Plane = decide_server.plane
    decide(Contact("account", f"call-{to}", to, GOLD), plane)
    with courier_end(plane.spool.path) as spool:
        assert shipping.insert(unshipped(spool, 10), "here") == set()
    assert Decision.objects.count() == 1
    assert list(NumberUse.objects.values_list("key", "first_queue")) == ([(key, "vip")] if key else [])


def test_a_row_of_a_host_of_the_version_before_is_shipped_all_the_same(decide_server: DecideServer) -> None:
    decide(Contact("account", "call", live_folder.VOICE_NUMBER, GOLD), decide_server.plane)
    with courier_end(decide_server.plane.spool.path) as spool:
        (row,) = unshipped(spool, 10)
    document = orjson.loads(row.document)
    del document["contact"]["number"]
    assert shipping.insert([Row(row.id, DECISION, orjson.dumps(document))], "here") == set()
    assert (Decision.objects.count(), NumberUse.objects.count()) == (1, 0)


def test_a_published_number_waits_then_says_when_and_where_its_first_call_went(
    published: None, supervisor_client: Client
) -> None:
    hotline = Number.objects.get(channel="voice")
    page = reverse("admin:routing_number_change", args=[hotline.pk])
    assert "Waiting for the first call since" in supervisor_client.get(page).content.decode()
    number_use.note([decided(HOTLINE, 3)])
    assert "First call 22 November 2026, 09:03 to VIP." in supervisor_client.get(page).content.decode()
    number_use.note([decided(HOTLINE, 5, "emptied-since")])
    words = number_use.words_of([hotline])[hotline.pk]
    assert words.endswith("Last call 22 November 2026, 09:05 to emptied-since.")


def test_the_list_of_numbers_asks_no_more_for_more_numbers(published: None, supervisor_client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            answer = supervisor_client.get(reverse("admin:routing_number_changelist"))
        assert b"Waiting for the first message since" in answer.content
        return len(made)

    few = asked()
    template = Number.objects.get(channel="voice")
    values = {field.attname: getattr(template, field.attname) for field in Number._meta.concrete_fields} | {"id": None}
    Number.objects.bulk_create(Number(**values | {"address": f"+3902123457{last:02}"}) for last in range(30))
    assert asked() == few


def test_a_number_that_leaves_the_release_and_comes_back_waits_anew(
    published: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    number_use.note([decided(HOTLINE, 3), decided(WHATSAPP, 4)])
    hotline = Number.objects.get(channel="voice")
    hotline.delete()
    with django_capture_on_commit_callbacks(execute=True):
        publishing.publish("Gone.", None)
    assert not NumberUse.objects.filter(key=HOTLINE).exists()
    hotline.save(force_insert=True)
    with django_capture_on_commit_callbacks(execute=True):
        publishing.publish("Back.", None)
    assert NumberUse.objects.get(key=HOTLINE).first_at is None
    assert NumberUse.objects.get(key=WHATSAPP).first_at is not None


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize(
    ("fields", "expected_days", "alarm"),
    [
        pytest.param({"live_since": days_ago(6.9)}, 7, False, id="six days without a first call"),
        pytest.param({"live_since": days_ago(7.1)}, 7, True, id="seven days without a first call"),
        pytest.param({"live_since": days_ago(90), "last_at": days_ago(0.9)}, 1, False, id="called within the day"),
        pytest.param({"live_since": days_ago(90), "last_at": days_ago(1.1)}, 1, True, id="called the day before"),
        pytest.param({"live_since": days_ago(90), "last_at": days_ago(80)}, None, False, id="nothing is expected"),
    ],
)
def test_a_number_is_silent_after(
    published: None, fields: dict[str, Any], expected_days: int | None, alarm: bool, supervisor_client: Client
) -> None:
    NumberUse.objects.filter(key=HOTLINE).update(**fields)
    Number.objects.update(silent_after_days=expected_days)
    assert [number.channel for number in number_use.silent(timezone.now())] == ["voice"] * alarm
    home = supervisor_client.get(reverse("admin:index")).content.decode()
    assert ("1 number is silent" in home) == alarm
    listed = supervisor_client.get(reverse("admin:routing_number_changelist"), {"use": "silent"})
    assert listed.context["cl"].result_count == alarm


def test_home_leads_to_numbers_without_flow_and_the_metric_counts_them(
    published: None, supervisor_client: Client, client: Client
) -> None:
    assert "Look at this" not in supervisor_client.get(reverse("admin:index")).content.decode()
    Number.objects.filter(channel="voice").update(flow=None)
    home = supervisor_client.get(reverse("admin:index")).content.decode()
    address = reverse("admin:routing_number_changelist") + "?use=without_flow"
    assert f'<a href="{address}">1 number has no flow</a>' in home
    assert supervisor_client.get(address).context["cl"].result_count == 1
    figures = client.get("/metrics").content.decode()
    assert "routing_numbers_without_flow 1.0" in figures
    assert "routing_numbers_silent 0.0" in figures


def test_a_number_that_is_not_published_is_not_silent(published: None, live_dir: Path) -> None:
    NumberUse.objects.all().delete()
    assert not number_use.silent(timezone.now()).exists()
