"""“Fetch my numbers” and “Point at us” in the portal."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from queues.models import PhoneSystem, Queue
from routing.models import Number, NumberUse, ProviderAccount
from tests.routing.numbering.provider_standin import SECRET, USER, Fault, Provider

pytestmark = pytest.mark.django_db

HOTLINE, OTHER = "390212345678", "390299999999"
ELSEWHERE = "https://old.example.com/answer"


@pytest.fixture
def dialect() -> str:
    return "twilio"


@pytest.fixture(autouse=True)
def numbers(provider: Provider) -> None:
    provider.numbers = {HOTLINE: ELSEWHERE, OTHER: ""}


@pytest.fixture
def queue() -> Queue:
    return Queue.objects.create(name="VIP", slug="vip", phone_system=PhoneSystem.objects.create(name="p", slug="p"))


def pages(account: ProviderAccount) -> tuple[str, str]:
    numbers = reverse("admin:routing_provideraccount_numbers", args=[account.pk])
    point = reverse("admin:routing_provideraccount_point", args=[account.pk])
    return numbers, f"{point}?number=%2B{HOTLINE}"


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_the_page_of_an_account_leads_to_its_numbers(account: ProviderAccount, supervisor_client: Client) -> None:
    page = reverse("admin:routing_provideraccount_change", args=[account.pk])
    assert pages(account)[0] in text(supervisor_client, page)
    ProviderAccount.objects.update(api_secret="")
    assert pages(account)[0] not in text(supervisor_client, page)


def test_each_number_says_whether_it_is_known_and_where_it_leads(
    account: ProviderAccount, queue: Queue, supervisor_client: Client
) -> None:
    Number.objects.create(account=account, address=f"+{OTHER}", label="Second line", default_queue=queue)
    listed = text(supervisor_client, pages(account)[0])
    assert listed.count('type="checkbox"') == 1
    assert ELSEWHERE in listed
    assert "Second line" in listed
    assert listed.count("Point at us") == 2


def test_ticked_numbers_come_into_the_draft_and_no_other(
    account: ProviderAccount, queue: Queue, supervisor_client: Client
) -> None:
    typed = {"number": [f"+{HOTLINE}", "+391111111"], "default_queue": queue.pk, "time_zone": "Europe/Rome"}
    answer = supervisor_client.post(pages(account)[0], typed, follow=True)
    assert "1 number was added to the draft" in answer.content.decode()
    number = Number.objects.get()
    assert (number.address, number.label, number.channel) == (f"+{HOTLINE}", "Line 78", "voice")
    assert (number.account, number.default_queue, number.flow) == (account, queue, None)


def test_without_a_default_queue_nothing_is_added(account: ProviderAccount, supervisor_client: Client) -> None:
    answer = supervisor_client.post(pages(account)[0], {"number": f"+{HOTLINE}", "time_zone": "Europe/Rome"})
    assert f'value="+{HOTLINE}" aria-label="Add +{HOTLINE}" checked' in answer.content.decode()
    assert answer.context["form"].errors.keys() == {"default_queue"}
    assert not Number.objects.exists()


def test_pointing_says_what_it_pointed_at_before_and_writes_it_down(
    account: ProviderAccount, provider: Provider, supervisor_client: Client
) -> None:
    asked = text(supervisor_client, pages(account)[1])
    assert f"Now calls to it ask {ELSEWHERE}." in asked
    assert "not in the live release" in asked
    assert provider.numbers[HOTLINE] == ELSEWHERE
    answer = supervisor_client.post(pages(account)[1], {"before": ELSEWHERE}, follow=True)
    said = f"+{HOTLINE} asks us from now on. Before, it asked {ELSEWHERE}."
    assert said in answer.content.decode()
    assert provider.numbers[HOTLINE] == f"https://calls.example.com/api/v1/p/{account.uuid}/voice"
    assert LogEntry.objects.get().change_message == said


def test_a_number_of_the_live_release_is_pointed_without_a_warning(
    account: ProviderAccount, supervisor_client: Client
) -> None:
    NumberUse.objects.create(key=f"voice:+{HOTLINE}", live_since="2026-11-22T08:00:00Z")
    assert "not in the live release" not in text(supervisor_client, pages(account)[1])


def test_what_changed_meanwhile_is_asked_again(
    account: ProviderAccount, provider: Provider, supervisor_client: Client
) -> None:
    answer = supervisor_client.post(pages(account)[1], {"before": "https://seen.example.com"})
    assert "Somebody changed this number" in answer.content.decode()
    assert provider.numbers[HOTLINE] == ELSEWHERE


def test_a_failure_is_told_on_the_page(account: ProviderAccount, provider: Provider, supervisor_client: Client) -> None:
    for address in pages(account):
        provider.faults.append(Fault(503))
        assert "The provider has a fault of its own (status 503)" in text(supervisor_client, address)


def test_who_may_not_change_accounts_asks_nobody(
    account: ProviderAccount, provider: Provider, auditor_client: Client, stranger_client: Client, client: Client
) -> None:
    for address in pages(account):
        assert auditor_client.get(address).status_code == 403
        assert auditor_client.post(address, {"before": ELSEWHERE}).status_code == 403
        for other in (stranger_client, client):
            assert other.post(address, {"before": ELSEWHERE}).status_code == 302
    assert provider.journal == []


def test_credentials_are_never_shown_and_stay_with_their_provider(
    account: ProviderAccount, supervisor_client: Client
) -> None:
    page = reverse("admin:routing_provideraccount_change", args=[account.pk])
    shown = text(supervisor_client, page)
    assert SECRET not in shown
    assert USER not in shown
    form = {"name": "Italy", "dialect": "plivo", "public_url": "https://calls.example.com", "is_enabled": "on"}
    refused = supervisor_client.post(page, form)
    assert "Another provider than before" in refused.content.decode()
    assert supervisor_client.post(page, form | {"api_secret": "that of Plivo"}).status_code == 302
    account.refresh_from_db()
    assert (account.dialect, account.api_user, account.api_secret) == ("plivo", USER, "that of Plivo")
