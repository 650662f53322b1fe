"""The list of blocked callers: what is taken, what is refused, who may see it, and what is said of it afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from contactcenter.privacy import erasing, exporting, finding
from customers.models import Customer, Handle, LoyaltyTier
from queues.models import AccountManager, Queue
from routing import blocking, broadcast
from routing.models import BlockedCaller, Decision, Flow, Number, ProviderAccount
from tests.replaying import replayed
from tests.routing.admin_form import filled

pytestmark = pytest.mark.django_db

NUISANCE, OURS, MANAGER, VIP = "+393331234567", "+390212345678", "+393339990000", "+393330000001"
LIST, ADD = "/admin/routing/blockedcaller/", "/admin/routing/blockedcaller/add/"


@pytest.fixture(autouse=True)
def centre() -> None:
    """A number of ours, an account manager's mobile, a customer of the highest tier."""
    replayed("what is not blocked", _write)


def _write() -> None:
    queue = Queue.objects.create(name="Nuisance", slug="nuisance")
    account = ProviderAccount.objects.create(name="Telco", slug="telco", dialect="native")
    flow = Flow.objects.create(name="Flow", slug="flow", last_path=queue)
    Number.objects.create(account=account, address=OURS, label="Main", flow=flow, default_queue=queue)
    AccountManager.objects.create(name="Anna", slug="anna", address=MANAGER)
    LoyaltyTier.objects.create(name="Silver", slug="silver", rank=1)
    tier = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=2)
    Handle.objects.create(customer=Customer.objects.create(name="Ada Bianchi", tier=tier), value=VIP)


def entry(number: str = NUISANCE, **fields: Any) -> BlockedCaller:
    return BlockedCaller.objects.create(**{"number": number, "reason": "Shouts at everybody"} | fields)


def given(number: str = NUISANCE, **fields: Any) -> dict[str, Any]:
    """What the form is told; `until` is empty."""
    return {"number": number, "treatment": "reject", "reason": "Shouts", "until_0": "", "until_1": ""} | fields


def told(pk: int) -> Any:
    return broadcast.caller_documents([f"block:{pk}"])[f"block:{pk}"]


def test_a_supervisor_blocks_a_number_however_he_types_it(supervisor_client: Client, supervisor: User) -> None:
    answer = supervisor_client.post(ADD, given("0039 333 123-4567"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    found = BlockedCaller.objects.get()
    assert (found.number, found.created_by, found.in_force()) == (NUISANCE, supervisor, True)
    assert Change.objects.filter(topic="callers", key=f"block:{found.pk}", seq=None).exists()
    assert told(found.pk) == {"number": NUISANCE, "is_prefix": False, "treatment": "reject"}


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        pytest.param({"number": "333 1234567"}, "number", "country code", id="no country code"),
        pytest.param({"number": "+39333", "is_prefix": "on"}, "number", "at least 6 digits", id="half a country"),
        pytest.param({"number": "+39O333", "is_prefix": "on"}, "number", "at least 6 digits", id="a letter in it"),
        pytest.param({"number": OURS}, "number", "one of your own", id="our own number"),
        pytest.param({"number": "+390212", "is_prefix": "on"}, "number", "one of your own", id="our own among them"),
        pytest.param({"number": MANAGER}, "number", "Anna", id="an account manager"),
        pytest.param({"treatment": "queue"}, "queue", "to which queue", id="sent to no queue"),
        pytest.param({"until_0": "2020-01-01", "until_1": "08:00"}, "until", "lie ahead", id="an end that is over"),
        pytest.param({"reason": ""}, "reason", "required", id="no reason"),
        pytest.param({"number": VIP}, "sure", "Ada Bianchi", id="a customer of the highest tier"),
        pytest.param({"number": "+3933300", "is_prefix": "on"}, "sure", "Ada Bianchi", id="such a customer among them"),
        pytest.param({"number": "+393310000000"}, "number", "on the list already", id="listed already"),
        pytest.param({"number": "+393320000001"}, "number", "test callers", id="one of those that are never blocked"),
    ],
)
def test_it_is_refused_at_its_field(supervisor: User, fields: dict[str, Any], field: str, words: str) -> None:
    entry("+393310000000")
    entry("+39332000", is_prefix=True, treatment="let_through", reason="test callers of the emergency services")
    errors = filled(BlockedCaller(), given() | fields, supervisor).errors
    assert list(errors) == [field]
    assert words in str(errors)


def test_what_is_refused_is_not_blocked(supervisor_client: Client) -> None:
    answer = supervisor_client.post(ADD, given(OURS))
    assert answer.status_code == 200
    assert "one of your own" in answer.content.decode()
    assert not BlockedCaller.objects.exists()


def test_a_customer_of_the_highest_tier_is_blocked_by_who_means_it(supervisor_client: Client) -> None:
    supervisor_client.post(ADD, given(VIP, sure="on"))
    assert BlockedCaller.objects.get().number == VIP


def test_what_is_never_blocked_needs_no_second_thought(supervisor_client: Client) -> None:
    supervisor_client.post(ADD, given(OURS, treatment="let_through"))
    assert told(BlockedCaller.objects.get().pk)["treatment"] == "let_through"


def test_an_entry_ends_at_once_and_stays_as_evidence(supervisor_client: Client) -> None:
    found = entry()
    assert f"{found.pk}/unblock/" in supervisor_client.get(LIST).content.decode()
    supervisor_client.post(f"{LIST}{found.pk}/unblock/")
    assert not blocking.in_force().exists()
    assert told(found.pk) is None
    assert "Over since" in supervisor_client.get(LIST).content.decode()
    assert supervisor_client.post(f"{LIST}{found.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_entry_that_is_over_may_be_listed_again(supervisor_client: Client) -> None:
    entry(until=timezone.now() - timedelta(days=1))
    assert supervisor_client.post(ADD, given()).status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("+39 333 123 4567", {NUISANCE, "+393331"}, id="the number, and those that begin like it"),
        pytest.param("00393331234567", {NUISANCE, "+393331"}, id="written otherwise"),
        pytest.param("+393331", {"+393331"}, id="the beginning itself"),
        pytest.param("+393335555555", set(), id="nobody"),
        pytest.param("Shouts", set(), id="no number"),
    ],
)
def test_the_list_is_searched_by_number(supervisor_client: Client, query: str, found: set[str]) -> None:
    for number in (NUISANCE, "+393330000009"):
        entry(number)
    entry("+393331", is_prefix=True)
    rows = supervisor_client.get(LIST, {"q": query}).context["cl"].result_list
    assert {row.number for row in rows} == found


def test_only_who_sees_callers_in_clear_sees_the_list(auditor_client: Client, auditor: User) -> None:
    found = entry()
    assert auditor_client.get(LIST).status_code == 200
    assert auditor_client.post(f"{LIST}{found.pk}/unblock/").status_code == 403
    auditor.user_permissions.remove(*auditor.user_permissions.filter(codename="view_callers"))
    assert auditor_client.get(LIST).status_code == 403
    assert auditor_client.get(f"{LIST}{found.pk}/change/").status_code == 403


def decided(found: BlockedCaller | None, **fields: Any) -> Decision:
    answer = {"action": "reject", "block": found.pk if found else 999}
    return Decision.objects.create(
        **{
            "decision_id": "a" * 32,
            "account": "a",
            "call_id": "c",
            "channel": "voice",
            "number": OURS,
            "caller": NUISANCE,
        }
        | {"reason": "blocked", "decided_at": timezone.now(), "document": {"answer": answer, "variables": {}}}
        | fields
    )


def test_a_decision_says_who_blocked_the_caller_and_why(admin_client: Client, supervisor: User) -> None:
    found = entry(created_by=supervisor)
    page = f"/admin/routing/decision/{decided(found).pk}/change/"
    text = admin_client.get(page).content.decode()
    assert "The caller was turned away." in text
    assert "The caller is on the list of blocked callers." in text
    assert "Blocked by supervisor (" in text
    assert "Shouts at everybody" in text
    assert f"{LIST}{found.pk}/change/" in text
    found.delete()
    assert "The entry is gone." in admin_client.get(page).content.decode()


def test_a_caller_is_blocked_from_his_decision(admin_client: Client) -> None:
    decision = decided(None, reason="last_path")
    text = admin_client.get(f"/admin/routing/decision/{decision.pk}/change/").content.decode()
    address = f"{ADD}?decision={decision.pk}"
    assert address in text
    assert f'value="{NUISANCE}"' in admin_client.get(address).content.decode()


def test_an_erased_person_is_on_no_list_any_more() -> None:
    entry()
    kept = entry("+393331", is_prefix=True)
    person = finding.by_address("phone", NUISANCE)
    assert [row["number"] for row in exporting.export(person)["tables"]["routing_blockedcaller"]] == [NUISANCE]
    erasing.begin(person)
    assert list(BlockedCaller.objects.all()) == [kept]


def test_no_number_stands_in_the_log_of_what_was_done(supervisor_client: Client) -> None:
    supervisor_client.post(ADD, given())
    noted = LogEntry.objects.get()
    assert NUISANCE not in f"{noted.object_repr} {noted.change_message}"


def test_what_is_over_leaves_the_decide_hosts_at_night() -> None:
    now = timezone.now()
    over = entry(until=now - timedelta(hours=1))
    entry("+393330000009")
    Change.objects.update(seq=1)
    blocking.clear_hosts(now)
    assert list(Change.objects.filter(seq=None).values_list("key", flat=True)) == [f"block:{over.pk}"]


def test_a_queue_in_a_list_that_sends_to_none_is_refused_by_the_database_too() -> None:
    with pytest.raises(ValidationError, match="to which queue"):
        BlockedCaller(number=NUISANCE, treatment="queue", reason="x").full_clean()
