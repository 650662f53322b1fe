"""What people did is a chain: whoever alters it, even with SQL, is found out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from contactcenter.accounts.models import User
from contactcenter.audit import chain
from contactcenter.audit.models import Event
from contactcenter.audit.verifying import Broken, verify
from customers.models import LoyaltyTier
from queues.models import Switch
from routing.models import ApiKey, ProviderAccount, Release

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


def sql(*statements: str) -> None:
    """What somebody does who has the database and not the environment."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def five() -> list[Event]:
    """A chain of five events."""
    for number in range(5):
        chain.note("changed", "queues.queue", number, 7)
    chain.link_waiting()
    return list(Event.objects.order_by("number"))


def test_an_untouched_chain_is_whole(five: list[Event]) -> None:
    assert [event.number for event in five] == [1, 2, 3, 4, 5]
    whole = verify()
    assert (whole.number, whole.link, whole.waiting) == (5, five[-1].link, 0)
    assert verify((3, five[2].link)) == whole


EDITED = "UPDATE audit_event SET user_id = 8 WHERE number = 3"
MOVED = (
    "UPDATE audit_event SET number = 9 WHERE number = 2",
    "UPDATE audit_event SET number = 2 WHERE number = 4",
    "UPDATE audit_event SET number = 4 WHERE number = 9",
)
COPIED = (
    "INSERT INTO audit_event (nonce, at, user_id, action, kind, object_id, seal, number, link) "
    "SELECT '00000000000000000000000000000001', at, user_id, action, kind, object_id, seal, {number}, {link} "
    "FROM audit_event WHERE number = 2"
)


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        pytest.param([EDITED], "Event number 3 .*edited", id="edited: somebody else did it"),
        pytest.param(
            ["UPDATE audit_event SET at = '2026-01-01 00:00:00+00:00' WHERE number = 3"], "number 3", id="dated back"
        ),
        pytest.param(["DELETE FROM audit_event WHERE number = 3"], "number 3 is missing", id="deleted"),
        pytest.param(
            ["DELETE FROM audit_event WHERE number = 1"], "number 1 is missing", id="deleted at the beginning"
        ),
        pytest.param(
            ["DELETE FROM audit_event WHERE number = 3", "UPDATE audit_event SET number = number - 1 WHERE number = 4"],
            "number 3 .*does not follow",
            id="deleted, and the next moved up",
        ),
        pytest.param([COPIED.format(number="6", link="'x'")], "number 6", id="inserted at the end"),
        pytest.param(
            [COPIED.format(number="NULL", link="''")],
            "with id .*not written by the portal",
            id="slipped in, to be linked",
        ),
        pytest.param(MOVED, "number 2 .*does not follow", id="two changed places"),
        pytest.param(
            ["DELETE FROM audit_event WHERE number > 3"], "ends at 3 and should reach 5", id="its end cut off"
        ),
        pytest.param(["DELETE FROM audit_event"], "ends at 0", id="all of it deleted"),
        pytest.param(
            ["DELETE FROM audit_event WHERE number > 3", "UPDATE audit_chainend SET number = 3"],
            "how far the chain reaches was edited",
            id="its end cut off, and the row that knows it altered",
        ),
        pytest.param(["DELETE FROM audit_chainend"], "is missing", id="the row that knows its end deleted"),
    ],
)
def test_what_was_done_to_it_is_seen(five: list[Event], statements: list[str], said: str) -> None:
    sql(*statements)
    with pytest.raises(Broken, match=said):
        verify()


def test_an_old_state_that_was_put_back_is_seen_by_an_anchor(five: list[Event]) -> None:
    sql("DELETE FROM audit_event", "DELETE FROM audit_chainend")
    chain.note("changed", "queues.queue", 1, 7)
    chain.link_waiting()
    assert verify().number == 1
    with pytest.raises(Broken, match="before the anchor"):
        verify((5, five[4].link))
    with pytest.raises(Broken, match="written anew"):
        verify((1, five[0].link))


def test_the_command_says_whether_it_is_whole(five: list[Event]) -> None:
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "Intact: 5 events" in out.getvalue()
    call_command("verify_audit", anchor=out.getvalue().rpartition("Anchor: ")[2].strip(), stdout=out)
    sql(EDITED)
    with pytest.raises(CommandError, match=r"Broken\. Event number 3"):
        call_command("verify_audit")


def events() -> list[tuple[str, str, int | None]]:
    return list(Event.objects.order_by("pk").values_list("action", "kind", "user_id"))


def test_changes_in_the_portal_are_events(supervisor: User, supervisor_client: Client) -> None:
    Event.objects.all().delete()
    form = {"name": "Gold", "slug": "gold", "rank": "3"}
    supervisor_client.post(reverse("admin:customers_loyaltytier_add"), form)
    gold = LoyaltyTier.objects.get()
    supervisor_client.post(reverse("admin:customers_loyaltytier_change", args=[gold.pk]), form | {"rank": "4"})
    supervisor_client.post(reverse("admin:customers_loyaltytier_delete", args=[gold.pk]), {"post": "yes"})
    who = supervisor.pk
    assert events() == [(action, "customers.loyaltytier", who) for action in ("created", "changed", "deleted")]


def made_key() -> Any:
    account = ProviderAccount.objects.create(name="Provider", slug="provider")
    Event.objects.all().delete()
    return ApiKey.objects.create(account=account, label="first", prefix="abcdefgh", sha256="0" * 64)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        pytest.param(made_key, ("key_made", "routing.apikey"), id="a key made"),
        pytest.param(
            lambda: Release.objects.create(number=1, document="{}", sha256=""),
            ("published", "routing.release"),
            id="published",
        ),
        pytest.param(
            lambda: Release.objects.create(number=2, document="{}", sha256="", rolled_back_from=1),
            ("rolled_back", "routing.release"),
            id="rolled back",
        ),
        pytest.param(
            lambda: Switch.objects.create(kind="close_queue", subject="vip", reason="Fire drill"),
            ("switched", "queues.switch"),
            id="switched",
        ),
    ],
)
def test_what_is_no_form_is_an_event_too(act: Callable[[], Any], expected: tuple[str, str]) -> None:
    act()
    assert [event[:2] for event in events()] == [expected]


def test_logins_are_events_and_what_was_typed_is_not_kept(supervisor: User) -> None:
    client = Client()
    assert not client.login(username="supervisor", password="wrong horse")
    assert not client.login(username="correct horse", password="supervisor")
    assert client.login(username="supervisor", password="correct horse")
    failed, stray, done = Event.objects.filter(action__startswith="log").order_by("pk")
    assert (failed.action, failed.object_id) == ("login_failed", str(supervisor.pk))
    assert (stray.action, stray.object_id) == ("login_failed", "")
    assert (done.action, done.user_id) == ("logged_in", supervisor.pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_make_one_chain() -> None:
    def write(who: int) -> None:
        for number in range(10):
            with transaction.atomic():
                chain.note("changed", "queues.queue", number, who)
        connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))
    assert verify().number == 30
    assert verify().waiting == 0


def test_what_is_rolled_back_leaves_no_event() -> None:
    with transaction.atomic():
        chain.note("changed", "queues.queue", 1, 7)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def test_auditors_read_events_and_nobody_alters_them(
    five: list[Event], admin_client: Client, stranger_client: Client
) -> None:
    text = admin_client.get(reverse("admin:audit_event_changelist")).content.decode()
    assert "Person 7, who is gone" in text
    page = reverse("admin:audit_event_change", args=[five[0].pk])
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {"action": "deleted"}).status_code == 403
    assert stranger_client.get(page).status_code == 302
