"""What a deletion, a closing and a switching off say before they happen."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts.models import User
from contactcenter.foundation import consequences
from contactcenter.foundation.admin import PortalAdmin
from contactcenter.foundation.consequences import Count
from customers.models import (
    AlertDestination,
    AttributeDefinition,
    CrmConnection,
    Customer,
    ExternalIdentity,
    FieldMapping,
    LoyaltyTier,
)
from queues.models import Calendar, PhoneSystem, Queue
from routing.document import canonical
from routing.models import (
    ApiKey,
    Branch,
    Decision,
    Flow,
    NotificationTarget,
    Number,
    PlannedRelease,
    ProviderAccount,
    Release,
)
from tests.portal.page_forms import fields_of

pytestmark = pytest.mark.django_db

MOST_QUERIES = 40
"""Of a page that says what hangs on a queue, its frame included: as many for one use as for a thousand."""

GOLD = [[{"variable": "customer.tier", "operator": "is_one_of", "value": ["gold"]}]]


@pytest.fixture
def vip() -> Queue:
    return Queue.objects.create(name="VIP", slug="vip")


@pytest.fixture
def flow(vip: Queue) -> Flow:
    return Flow.objects.create(name="Priority customers", slug="priority", last_path=vip)


@pytest.fixture
def account() -> ProviderAccount:
    return ProviderAccount.objects.create(name="Telco", slug="telco", dialect="native", public_url="https://c.example")


def number(account: ProviderAccount, queue: Queue, last: int = 1) -> Number:
    return Number.objects.create(account=account, address=f"+3902{last:07d}", label=f"Line {last}", default_queue=queue)


def contact(queue: str, number: str) -> None:
    Decision.objects.create(
        decision_id=f"{Decision.objects.count():032d}",
        account="a",
        call_id="c",
        channel="voice",
        number=number,
        queue=queue,
        decided_at=timezone.now(),
        document={},
    )


def deleting(thing: Any) -> str:
    meta = thing._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[thing.pk])


def asked(client: Client, thing: Any) -> str:
    return client.get(deleting(thing)).content.decode()


def test_every_relation_that_keeps_a_thing_has_words() -> None:
    ours = [model for model, page in admin.site._registry.items() if isinstance(page, PortalAdmin)]
    silent = [
        name for model in ours for name, _relation in consequences.relations(model) if not consequences.has_words(name)
    ]
    assert silent == []


def test_a_queue_in_use_names_each_use_with_its_count_and_a_link(
    supervisor_client: Client, vip: Queue, flow: Flow, account: ProviderAccount
) -> None:
    Branch.objects.create(flow=flow, label="Gold", slug="gold", queue=vip)
    lines = [number(account, vip, each) for each in range(7)]
    page = asked(supervisor_client, vip)
    for words in ("7 numbers fall back on it", "1 branch leads to it", "1 flow sends everyone else to it"):
        assert words in page
    assert reverse("admin:routing_number_change", args=[lines[0].pk]) in page
    assert (
        f'<a href="{reverse("admin:routing_flow_change", args=[flow.pk])}"><bdi>Gold (Priority customers)</bdi></a>'
        in page
    )
    assert "and others" in page
    assert "Line 6" not in page
    supervisor_client.post(deleting(vip), {"post": "yes"})
    assert Queue.objects.filter(pk=vip.pk).exists()


def test_more_uses_cost_no_more_queries(
    supervisor_client: Client, vip: Queue, account: ProviderAccount, django_assert_max_num_queries: Any
) -> None:
    for each in range(30):
        number(account, vip, each)
    with django_assert_max_num_queries(MOST_QUERIES):
        supervisor_client.get(deleting(vip))


def test_a_queue_that_is_free_says_who_came_and_what_is_live(supervisor_client: Client, vip: Queue) -> None:
    Release.objects.create(number=3, document=canonical({"queues": {"vip": {}}}), sha256="x", note="")
    contact("vip", "+390212345678")
    page = asked(supervisor_client, vip)
    assert "Release 3, which is live, uses it until you publish." in page
    assert "1 contact was sent here within the last hour." in page
    supervisor_client.post(deleting(vip), {"post": "yes"})
    assert not Queue.objects.exists()


def test_what_nobody_uses_says_so(supervisor_client: Client) -> None:
    calendar = Calendar.objects.create(name="Office", slug="office")
    assert "Nothing in the portal uses it." in asked(supervisor_client, calendar)


def test_what_branches_know_by_name_is_in_the_way(supervisor_client: Client, vip: Queue, flow: Flow) -> None:
    gold = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    plan = AttributeDefinition.objects.create(key="contract", label="Contract")
    free = AttributeDefinition.objects.create(key="free", label="Free")
    waiting = [[{"variable": "queue.vip.waiting", "operator": "at_most", "value": 3}]]
    contract = [[{"variable": "customer.contract", "operator": "is_known"}]]
    for slug, conditions in (("gold", GOLD), ("waiting", waiting), ("contract", contract)):
        Branch.objects.create(flow=flow, label=slug, slug=slug, queue=vip, conditions=conditions)
    for thing in (gold, plan, vip):
        assert "1 branch asks for it" in asked(supervisor_client, thing)
        supervisor_client.post(deleting(thing), {"post": "yes"})
        assert type(thing).objects.filter(pk=thing.pk).exists()
    assert "1 branch asks for it" not in asked(supervisor_client, free)


def test_an_attribute_that_a_crm_fills_is_kept(supervisor_client: Client) -> None:
    contract = AttributeDefinition.objects.create(key="contract", label="Contract")
    crm = CrmConnection.objects.create(name="CRM", slug="crm", connector="rest_json")
    FieldMapping.objects.create(connection=crm, target="attribute:contract", expression="contract")
    assert "1 field of a CRM fills it" in asked(supervisor_client, contract)


def test_what_goes_with_a_thing_is_said_and_goes(supervisor_client: Client, account: ProviderAccount) -> None:
    ApiKey.objects.create(account=account, label="SBC", prefix="x", sha256="y")
    assert "1 API key stops working" in asked(supervisor_client, account)
    supervisor_client.post(deleting(account), {"post": "yes"})
    assert not ApiKey.objects.exists()


def test_several_are_asked_about_at_once(
    supervisor_client: Client, vip: Queue, flow: Flow, account: ProviderAccount
) -> None:
    free = Queue.objects.create(name="Free", slug="free")
    chosen = {"action": "delete_selected", "_selected_action": [str(vip.pk), str(free.pk)]}
    queues = reverse("admin:queues_queue_changelist")
    page = supervisor_client.post(queues, chosen).content.decode()
    assert "Some of these are in use and cannot be deleted" in page
    assert "1 flow sends everyone else to it" in page
    supervisor_client.post(queues, {**chosen, "post": "yes"})
    assert Queue.objects.count() == 2
    only_free = {**chosen, "_selected_action": [str(free.pk)]}
    assert "Delete all of these?" in supervisor_client.post(queues, only_free).content.decode()
    supervisor_client.post(queues, {**only_free, "post": "yes"})
    assert [queue.name for queue in Queue.objects.all()] == ["VIP"]


def test_two_queues_of_one_chain_are_parted_before_they_go(supervisor_client: Client, vip: Queue) -> None:
    behind = Queue.objects.create(name="Behind", slug="behind")
    Queue.objects.filter(pk=vip.pk).update(overflow_to=behind)
    chosen = {"action": "delete_selected", "_selected_action": [str(vip.pk), str(behind.pk)], "post": "yes"}
    page = supervisor_client.post(reverse("admin:queues_queue_changelist"), chosen).content.decode()
    assert "1 queue overflows to it" in page
    assert Queue.objects.count() == 2


def test_closing_a_queue_says_who_stands_on_it(supervisor_client: Client, vip: Queue, flow: Flow) -> None:
    contact("vip", "+390212345678")
    page = supervisor_client.get(reverse("admin:queues_queue_close", args=[vip.pk])).content.decode()
    assert "1 flow sends everyone else to it" in page
    assert "1 contact was sent here within the last hour." in page
    assert "until you publish" not in page


def test_switching_an_account_off_takes_a_second_click(
    supervisor_client: Client, vip: Queue, account: ProviderAccount
) -> None:
    number(account, vip)
    url = reverse("admin:routing_provideraccount_change", args=[account.pk])
    off = {"name": "Telco renamed", "dialect": "native", "public_url": "https://c.example"}
    page = supervisor_client.post(url, off).content.decode()
    assert "1 number is on it" in page
    assert "Telco renamed" in page
    account.refresh_from_db()
    assert account.is_enabled
    assert supervisor_client.post(url, {**off, "confirmed": "yes"}).status_code == 302
    account.refresh_from_db()
    assert (account.is_enabled, account.name) == (False, "Telco renamed")


def test_an_account_that_nobody_uses_is_switched_off_at_once(
    supervisor_client: Client, account: ProviderAccount
) -> None:
    url = reverse("admin:routing_provideraccount_change", args=[account.pk])
    assert supervisor_client.post(url, {"name": "Telco", "dialect": "native"}).status_code == 302


def test_only_pages_that_the_person_may_open_are_linked(vip: Queue, flow: Flow) -> None:
    person = User.objects.create_user("reader")
    (found,) = [each for each in consequences.of_deletion([vip], person) if each.named]
    assert found.named == [("Priority customers", "")]


@pytest.mark.parametrize(
    ("exact", "said"),
    [
        pytest.param(1, "1", id="one"),
        pytest.param(1234, "1,234", id="grouped"),
        pytest.param(10_001, "10,000+", id="counting stopped"),
    ],
)
def test_a_count_is_written_as_people_write_it(exact: int, said: str) -> None:
    assert str(Count(exact)) == said


def test_a_million_customers_are_not_counted_to_the_last(supervisor_client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(consequences, "MOST_COUNTED", 3)
    gold = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    Customer.objects.bulk_create(Customer(name=str(each), tier=gold) for each in range(5))
    assert "3+ customers have it" in asked(supervisor_client, gold)


def test_a_phone_system_names_what_waits_on_it(supervisor_client: Client, vip: Queue) -> None:
    pbx = PhoneSystem.objects.create(name="PBX", slug="pbx")
    Queue.objects.filter(pk=vip.pk).update(phone_system=pbx)
    assert "1 queue waits on it" in asked(supervisor_client, pbx)


def sent_back(client: Client, thing: Any, field: str) -> tuple[str, dict[str, Any]]:
    """The address of a thing's page, and its form as a browser sends it with `field` unticked."""
    url = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    sent = fields_of(client.get(url).content.decode())
    assert sent.pop(field) == ["on"]
    return url, sent


def crm_in_use(_queue: Queue) -> Any:
    crm = CrmConnection.objects.create(name="CRM", slug="crm", connector="rest_json", url="https://crm.example.com/c")
    ada = Customer.objects.create(name="Ada")
    ExternalIdentity.objects.create(connection=crm, customer=ada, external_id="1")
    return crm


def target_in_use(queue: Queue) -> Any:
    secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
    target = NotificationTarget.objects.create(name="Pager", slug="pager", url="https://p.example", secret=secret)
    Flow.objects.create(name="Night", slug="night", last_path=queue, notify=target)
    return target


def only_destination(_queue: Queue) -> Any:
    return AlertDestination.objects.create(name="Data team", kind="email", address="data@example.com")


def planner(_queue: Queue) -> Any:
    person = User.objects.create_user("ada", "ada@example.com", is_staff=True)
    PlannedRelease.objects.create(document="{}", note="Christmas", starts_at=timezone.now(), planned_by=person)
    return person


@pytest.mark.parametrize(
    ("make", "field", "means", "follows"),
    [
        pytest.param(
            crm_in_use, "is_enabled", "It is read no more", "1 customer keeps the tier that was read last", id="a CRM"
        ),
        pytest.param(target_in_use, "is_enabled", "It is told nothing", "1 flow tells it", id="a notification target"),
        pytest.param(only_destination, "is_enabled", "told of no alert", "Nobody else is told", id="who hears alerts"),
        pytest.param(planner, "is_active", "can no longer work", "1 release that this person planned", id="a person"),
    ],
)
def test_what_is_switched_off_by_a_tick_says_first_what_follows(
    admin_client: Client, vip: Queue, make: Any, field: str, means: str, follows: str
) -> None:
    thing = make(vip)
    url, sent = sent_back(admin_client, thing, field)
    page = admin_client.post(url, sent).content.decode()
    assert means in page
    assert follows in page
    thing.refresh_from_db()
    assert getattr(thing, field)
    assert admin_client.post(url, {**sent, "confirmed": "yes"}).status_code == 302
    thing.refresh_from_db()
    assert not getattr(thing, field)


def test_what_only_a_switch_does_is_not_said_of_a_deletion(admin_client: Client, vip: Queue) -> None:
    assert "keeps the tier that was read last" not in asked(admin_client, crm_in_use(vip))


def test_a_role_in_use_says_who_has_it(admin_client: Client) -> None:
    group = Group.objects.create(name="Night shift")
    User.objects.create_user("ada").groups.add(group)
    assert "1 person has this role" in asked(admin_client, group)
