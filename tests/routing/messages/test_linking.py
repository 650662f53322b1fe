"""A Messenger or Instagram sender becomes a customer's handle: by API, by a button, and never by guessing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from contactcenter.foundation.models import Change
from customers.models import Customer, Handle
from queues.models import HelpDesk
from routing import keys
from routing.models import ApiKey, Conversation, ProviderAccount
from tests.routing.decide_server import GOLD
from tests.routing.messages.desk_standin import AGENT, TOKEN, Desk, running

pytestmark = pytest.mark.django_db

PSID = "7483920175"
DESKS = {"chatwoot": {"account": "1", "token": TOKEN}, "zendesk": {"account": AGENT, "token": TOKEN}}


@pytest.fixture
def giulia() -> Customer:
    giulia = Customer.objects.create(name="Giulia Oro")
    for kind, value in (("phone", GOLD), ("email", "giulia@example.com"), ("customer_no", "4711")):
        Handle.objects.create(customer=giulia, kind=kind, value=value)
    return giulia


@pytest.fixture
def account() -> ProviderAccount:
    return ProviderAccount.objects.create(name="Desk", slug="desk", dialect="chatwoot")


def post(account: ProviderAccount, body: Any, **scopes: bool) -> tuple[int, Any]:
    key = keys.issue(ApiKey(account=account, label="Desk", **scopes or {"may_link": True}))
    answer = Client().post("/api/v1/handles", body, "application/json", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code, answer.json()


def sender(**fields: Any) -> dict[str, Any]:
    return {"channel": "messenger", "sender": PSID} | fields


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"customer_no": "4711"}, id="his customer number"),
        pytest.param({"phone": "+39 02 5550 1001"}, id="his phone number as he writes it"),
        pytest.param({"email": "Giulia@Example.com"}, id="his e-mail address"),
        pytest.param({"customer_no": "0815", "phone": GOLD}, id="the first of them that we know"),
        pytest.param(
            {"customer_no": "?!", "email": "giulia@example.com"}, id="one that cannot be read, and one that can"
        ),
    ],
)
def test_a_sender_is_linked_to_the_customer(giulia: Customer, account: ProviderAccount, known: dict[str, str]) -> None:
    assert post(account, sender(**known)) == (200, {"customer": str(giulia.pk), "linked": True})
    assert Handle.objects.get(kind="messenger").value == PSID
    assert Change.objects.filter(key=f"messenger:{PSID}").exists(), "decide servers hear of it"
    assert post(account, sender(**known)) == (200, {"customer": str(giulia.pk), "linked": False})


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        pytest.param(sender(), 404, "unknown_customer", "", id="nothing known"),
        pytest.param(sender(phone="+390255509999"), 404, "unknown_customer", "", id="a number that nobody has"),
        pytest.param(sender(email="family@example.com"), 409, "several_customers", "", id="an address of two"),
        pytest.param(sender(sender="taken", phone=GOLD), 409, "other_customer", "", id="a sender whom another one has"),
        pytest.param(sender(sender="a b", phone=GOLD), 400, "invalid_field", "sender", id="no id of a platform"),
        pytest.param(sender(channel="whatsapp"), 400, "invalid_field", "channel", id="a channel with numbers"),
        pytest.param({"channel": "messenger"}, 400, "missing_field", "sender", id="no sender"),
        pytest.param([1], 400, "invalid_json", "", id="a list"),
    ],
)
def test_what_cannot_be_linked_is_said_and_changes_nothing(
    giulia: Customer, account: ProviderAccount, body: Any, status: int, code: str, field: str
) -> None:
    other = Customer.objects.create(name="Other")
    Handle.objects.create(customer=other, kind="messenger", value="taken")
    for customer in (giulia, other):
        Handle.objects.create(customer=customer, kind="email", value="family@example.com")
    before = Handle.objects.count()
    answered, problem = post(account, body)
    assert (answered, problem["code"], problem.get("field", "")) == (status, code, field)
    assert GOLD not in str(problem)
    assert Handle.objects.count() == before


def test_a_key_without_this_scope_links_nobody(giulia: Customer, account: ProviderAccount) -> None:
    assert post(account, sender(phone=GOLD), may_decide=True, may_report=True)[0] == 401
    assert not Handle.objects.filter(kind="messenger").exists()


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as desk:
        yield desk


def conversation(desk: Desk, kind: str = "chatwoot", **fields: Any) -> Conversation:
    """A conversation on Messenger that the help desk knows too."""
    HelpDesk.objects.create(name="Desk", slug="desk", kind=kind, url=desk.url, **DESKS.get(kind, {}))
    usual = {"account": "a", "channel": "messenger", "thread": "42", "sender": PSID, "queue": "vip", "is_known": False}
    now = timezone.now()
    return Conversation.objects.create(
        **usual | {"external_id": "42", "help_desk": "desk"} | fields, opened_at=now, last_message_at=now
    )


def press(client: Client, row: Conversation) -> str:
    """Press the button; what the page then says last."""
    page = f"/admin/routing/conversation/{row.pk}"
    answer = client.post(f"{page}/link/")
    assert answer["Location"] == f"{page}/change/"
    *_earlier, last = get_messages(answer.wsgi_request)
    return str(last)


@pytest.mark.parametrize("kind", DESKS)
@pytest.mark.parametrize("known", [{"phone_number": GOLD}, {"email": "giulia@example.com"}, {"identifier": "4711"}])
def test_the_button_asks_the_help_desk_who_it_is(
    desk: Desk, giulia: Customer, supervisor_client: Client, kind: str, known: dict[str, str]
) -> None:
    row = conversation(desk, kind)
    desk.add(42, channel="Channel::FacebookPage", person=known)
    assert press(supervisor_client, row) == "Linked to Giulia Oro."
    assert press(supervisor_client, row) == "Giulia Oro has this sender already."
    assert Handle.objects.get(kind="messenger").customer == giulia


@pytest.mark.parametrize(
    ("kind", "person", "said"),
    [
        pytest.param("chatwoot", {}, "No customer has", id="a contact without anything"),
        pytest.param("zendesk", {"email": "x@example.com"}, "No customer has", id="a contact that we do not know"),
        pytest.param("signed_webhook", {}, "cannot be asked", id="a help desk that cannot be asked"),
    ],
)
def test_the_button_says_why_nobody_was_linked(
    desk: Desk, giulia: Customer, supervisor_client: Client, kind: str, person: dict[str, str], said: str
) -> None:
    row = conversation(desk, kind)
    desk.add(42, channel="Channel::FacebookPage", person=person)
    assert said in press(supervisor_client, row)
    assert not Handle.objects.filter(kind="messenger").exists()


def test_only_those_who_may_add_handles_have_the_button(
    desk: Desk, giulia: Customer, auditor_client: Client, stranger_client: Client, supervisor_client: Client
) -> None:
    row = conversation(desk)
    desk.add(42, channel="Channel::FacebookPage", person={"phone_number": GOLD})
    page = f"/admin/routing/conversation/{row.pk}"
    assert "Find the customer" in supervisor_client.get(f"{page}/change/").content.decode()
    assert "Find the customer" not in auditor_client.get(f"{page}/change/").content.decode()
    assert auditor_client.post(f"{page}/link/").status_code == 403
    assert stranger_client.post(f"{page}/link/").status_code == 302
    assert supervisor_client.get(f"{page}/link/").status_code == 405
    Conversation.objects.update(channel="whatsapp")
    assert supervisor_client.post(f"{page}/link/").status_code == 403
    assert not Handle.objects.filter(kind="messenger").exists()
    assert desk.journal == []
