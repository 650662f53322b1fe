"""“Point the chosen numbers at us”, in the list of numbers."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from queues.models import PhoneSystem, Queue
from routing.models import Number, ProviderAccount
from tests.routing.numbering.provider_standin import Fault, Provider

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "390211111111", "390222222222", "390233333333"
ELSEWHERE = "https://old.example.com/answer"
LIST = "/admin/routing/number/"


@pytest.fixture
def dialect() -> str:
    return "twilio"


@pytest.fixture
def numbers(account: ProviderAccount, provider: Provider) -> list[Number]:
    """Three of ours; the third is not rented there."""
    provider.numbers = {FIRST: ELSEWHERE, SECOND: ""}
    queue = Queue.objects.create(name="VIP", slug="vip", phone_system=PhoneSystem.objects.create(name="p", slug="p"))
    return [
        Number.objects.create(account=account, address=f"+{each}", label=f"Line {each}", default_queue=queue)
        for each in (FIRST, SECOND, THIRD)
    ]


def chosen(numbers: list[Number], **more: str) -> dict[str, object]:
    return {"action": "point_at_us", "_selected_action": [each.pk for each in numbers], **more}


def confirmed(numbers: list[Number], **before: str) -> dict[str, object]:
    told = {FIRST: ELSEWHERE, SECOND: ""} | before
    seen = {f"before-{each.pk}": told.get(each.address[1:], "") for each in numbers}
    return chosen(numbers, confirmed="yes", **seen)


def ours(account: ProviderAccount) -> str:
    return f"https://calls.example.com/api/v1/p/{account.uuid}/voice"


def test_first_the_page_says_what_follows_and_nothing_is_changed(
    numbers: list[Number], provider: Provider, supervisor_client: Client
) -> None:
    page = supervisor_client.post(LIST, chosen(numbers)).content.decode()
    assert "Point 2 numbers at us?" in page
    assert ELSEWHERE in page
    assert "The provider does not know this number" in page
    assert provider.numbers[FIRST] == ELSEWHERE


def test_each_number_has_its_own_result_and_its_way_back(
    numbers: list[Number], account: ProviderAccount, provider: Provider, supervisor_client: Client
) -> None:
    page = supervisor_client.post(LIST, confirmed(numbers)).content.decode()
    assert page.count("It asks us.") == 2
    assert "The provider does not know this number" in page
    assert provider.numbers == {FIRST: ours(account), SECOND: ours(account)}
    assert any(ELSEWHERE in each.change_message for each in LogEntry.objects.all())
    again = supervisor_client.post(LIST, chosen(numbers)).content.decode()
    assert again.count("us already") == 2


def test_one_that_changed_meanwhile_is_left_and_the_other_pointed(
    numbers: list[Number], account: ProviderAccount, provider: Provider, supervisor_client: Client
) -> None:
    page = supervisor_client.post(LIST, confirmed(numbers, **{FIRST: "https://seen.example.com"})).content.decode()
    assert "Somebody changed this number" in page
    assert provider.numbers == {FIRST: ELSEWHERE, SECOND: ours(account)}


def test_a_provider_that_is_away_is_told_for_each_number(
    numbers: list[Number], provider: Provider, supervisor_client: Client
) -> None:
    provider.faults.append(Fault(503))
    page = supervisor_client.post(LIST, chosen(numbers)).content.decode()
    assert page.count("The provider has a fault of its own (status 503)") == 3


def test_what_cannot_be_pointed_from_here_says_so(
    numbers: list[Number], account: ProviderAccount, supervisor_client: Client
) -> None:
    Number.objects.filter(pk=numbers[0].pk).update(channel="whatsapp")
    assert "Only numbers for calls" in supervisor_client.post(LIST, chosen(numbers[:1])).content.decode()
    ProviderAccount.objects.update(dialect="jambonz")
    assert "We cannot do it at this provider" in supervisor_client.post(LIST, chosen(numbers[1:])).content.decode()


def test_who_may_not_change_accounts_has_no_such_action(
    numbers: list[Number], provider: Provider, auditor_client: Client
) -> None:
    auditor_client.post(LIST, confirmed(numbers))
    assert provider.numbers[FIRST] == ELSEWHERE
    assert "point_at_us" not in auditor_client.get(reverse("admin:routing_number_changelist")).content.decode()
