"""Provider accounts and API keys: secrets go in and never come out, keys are shown once."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from routing.access import compile_access
from routing.broadcast import access_documents
from routing.keys import fingerprint
from routing.models import ApiKey, ProviderAccount
from routing.providers import DIALECTS
from tests.routing.admin_form import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> ProviderAccount:
    account = ProviderAccount.objects.create(
        name="Twilio Italy", slug="twilio-it", dialect=next(iter(DIALECTS)), secret="s3cret-of-twilio",
        public_url="https://calls.example.com",
    )  # fmt: skip
    Change.objects.all().delete()
    return account


def form(account: ProviderAccount, **changed: str) -> dict[str, str]:
    return {
        "name": account.name, "dialect": account.dialect, "public_url": account.public_url, "is_enabled": "on",
        "secret": "", "previous_secret": "",
    } | changed  # fmt: skip


def address(account: ProviderAccount) -> str:
    return reverse("admin:routing_provideraccount_change", args=[account.pk])


def marked() -> set[str]:
    return set(Change.objects.filter(topic="access").values_list("key", flat=True))


def test_a_stored_secret_is_never_shown(account: ProviderAccount, supervisor_client: Client) -> None:
    text = supervisor_client.get(address(account)).content.decode()
    assert account.secret not in text
    assert "Stored. Leave empty to keep it." in text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param({}, "s3cret-of-twilio", id="left empty keeps it"),
        pytest.param({"secret": "another"}, "another", id="typed replaces it"),
        pytest.param({"secret-remove": "on"}, "", id="the box removes it"),
        pytest.param({"secret": "another", "secret-remove": "on"}, "another", id="typed wins over the box"),
    ],
)
def test_a_secret_is(typed: dict[str, str], kept: str, account: ProviderAccount, supervisor_client: Client) -> None:
    assert supervisor_client.post(address(account), form(account, **typed)).status_code == 302
    account.refresh_from_db()
    assert account.secret == kept


def test_a_refused_form_saves_and_shows_no_secret(account: ProviderAccount, supervisor_client: Client) -> None:
    answer = supervisor_client.post(address(account), form(account, name="", secret="typed-just-now"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert account.secret not in text
    assert "typed-just-now" not in text
    assert ProviderAccount.objects.get().secret == account.secret


def test_history_does_not_say_that_an_untouched_secret_changed(
    account: ProviderAccount, supervisor_client: Client
) -> None:
    supervisor_client.post(address(account), form(account, name="Twilio Milan"))
    text = supervisor_client.get(reverse("admin:routing_provideraccount_history", args=[account.pk])).content.decode()
    assert "Twilio Milan" in text
    assert "what is secret is never shown" not in text


@pytest.mark.parametrize(
    ("dialect", "stages"),
    [("vonage", ["voice"]), ("freeswitch", ["voice"]), ("bird", ["voice"]), ("meta", ["message"]), ("native", [])],
)
def test_each_address_to_enter_is_named_and_no_other(
    dialect: str, stages: list[str], account: ProviderAccount, supervisor_client: Client
) -> None:
    ProviderAccount.objects.update(dialect=dialect)
    text = supervisor_client.get(address(account)).content.decode()
    assert re.findall(rf"/api/v1/p/{account.uuid}/(\w+)", text) == stages
    assert ("https://calls.example.com/api/v1/decisions" in text) == (dialect == "native")


def test_the_page_says_what_the_chosen_provider_can_do(account: ProviderAccount, supervisor_client: Client) -> None:
    ProviderAccount.objects.update(dialect="vonage")
    text = supervisor_client.get(address(account)).content.decode()
    blocks = dict(re.findall(r'<div data-dialect="(\w+)"[^>]*?( hidden)?>', text))
    assert blocks.keys() == DIALECTS.keys()
    assert [slug for slug, hidden in blocks.items() if not hidden] == ["vonage"]
    own = re.search(r'<div data-dialect="vonage".*?(?=<div data-dialect)', text, re.DOTALL)
    assert own
    for words in ("phone numbers", "good for 5 minutes", "is told the next one", "within 0.8 seconds"):
        assert words in own[0]


UNSIGNED = {"dialect": "freeswitch", "secret": "s" * 32, "networks": "192.0.2.0/24\n2001:db8::/32"}


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        pytest.param({"secret": "s" * 31}, "secret", "at least 32 characters", id="a short secret"),
        pytest.param({"secret-remove": "on", "secret": ""}, "secret", "at least 32 characters", id="no secret"),
        pytest.param({"previous_secret": "short"}, "previous_secret", "at least 32 characters", id="a short old one"),
        pytest.param({"networks": " \n"}, "networks", "which networks it calls from", id="no network"),
        pytest.param({"networks": "0.0.0.0/0"}, "networks", "is everybody", id="everybody"),
        pytest.param({"networks": "10.0.0.0/33"}, "networks", "10.0.0.0/33", id="a network that is none"),
    ],
)
def test_who_signs_nothing_is_refused_with(
    typed: dict[str, str], field: str, words: str, account: ProviderAccount, supervisor: User
) -> None:
    assert words in str(filled(account, form(account, **UNSIGNED | typed), supervisor).errors[field])


def test_who_signs_nothing_is_saved_with_a_long_secret_and_his_networks(
    account: ProviderAccount, supervisor_client: Client
) -> None:
    assert supervisor_client.post(address(account), form(account, **UNSIGNED)).status_code == 302
    key = f"account:{account.uuid}"
    document = access_documents([key])[key]
    assert document is not None
    assert document["networks"] == ["192.0.2.0/24", "2001:db8::/32"]
    admitted = compile_access({key: document}).accounts[str(account.uuid)]
    assert admitted.admits("192.0.2.7", signed=False)
    assert not admitted.admits("198.51.100.7", signed=False)


@pytest.mark.parametrize("missing", ["secret", "public_url"])
def test_who_signs_needs(missing: str, account: ProviderAccount, supervisor: User) -> None:
    typed = {"dialect": "vonage", "secret": "typed", missing: ""} | (
        {"secret-remove": "on"} if missing == "secret" else {}
    )
    assert list(filled(account, form(account, **typed), supervisor).errors) == [missing]


def test_saving_an_account_tells_the_decide_plane(account: ProviderAccount, supervisor_client: Client) -> None:
    supervisor_client.post(address(account), form(account))
    assert marked() == {f"account:{account.uuid}"}


def test_deleting_an_account_tells_the_decide_plane(account: ProviderAccount) -> None:
    ApiKey.objects.create(account=account, label="SBC", sha256="0" * 64)
    Change.objects.all().delete()
    account.delete()
    assert marked() == {f"account:{account.uuid}"}


def new_key(account: ProviderAccount, client: Client) -> tuple[Any, str]:
    answer = client.post(
        reverse("admin:routing_apikey_add"), {"account": account.pk, "label": "SBC Milan", "may_decide": "on"}
    )
    [plain] = [
        key for message in get_messages(answer.wsgi_request) for key in re.findall(r"cc_[\w\-]{8,}", str(message))
    ]
    return answer, plain


def test_a_new_key_is_shown_once_and_stored_as_a_hash(account: ProviderAccount, supervisor_client: Client) -> None:
    answer, plain = new_key(account, supervisor_client)
    key = ApiKey.objects.get()
    assert answer.status_code == 302
    assert (key.sha256, key.prefix) == (fingerprint(plain), plain[:8])
    assert len(plain) == len("cc_") + 43
    assert plain in supervisor_client.get(reverse("admin:routing_apikey_changelist")).content.decode()
    for page in (
        reverse("admin:routing_apikey_changelist"),
        reverse("admin:routing_apikey_change", args=[key.pk]),
        reverse("admin:routing_apikey_history", args=[key.pk]),
    ):
        assert plain not in supervisor_client.get(page).content.decode()


def test_changing_a_key_keeps_it_and_tells_the_decide_plane(
    account: ProviderAccount, supervisor_client: Client
) -> None:
    _, plain = new_key(account, supervisor_client)
    key = ApiKey.objects.get()
    Change.objects.all().delete()
    page = reverse("admin:routing_apikey_change", args=[key.pk])
    assert supervisor_client.post(page, {"label": "SBC Rome", "may_decide": "on"}).status_code == 302
    key.refresh_from_db()
    assert (key.label, key.sha256) == ("SBC Rome", fingerprint(plain))
    assert marked() == {f"account:{account.uuid}"}


def test_keys_are_revoked_from_the_list(account: ProviderAccount, supervisor_client: Client) -> None:
    new_key(account, supervisor_client)
    key = ApiKey.objects.get()
    Change.objects.all().delete()
    supervisor_client.post(
        reverse("admin:routing_apikey_changelist"), {"action": "revoke_keys", "_selected_action": [key.pk]}
    )
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert marked() == {f"account:{account.uuid}"}


def test_the_auditor_cannot_revoke(account: ProviderAccount, auditor_client: Client) -> None:
    key = ApiKey.objects.create(account=account, label="SBC", sha256="0" * 64)
    auditor_client.post(
        reverse("admin:routing_apikey_changelist"), {"action": "revoke_keys", "_selected_action": [key.pk]}
    )
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize("networks", ["10.0.0.0/33", "here"], ids=["no such prefix", "no network at all"])
def test_a_wrong_network_is_named(networks: str, account: ProviderAccount, supervisor: User) -> None:
    typed = {"account": account.pk, "label": "SBC", "networks": networks}
    assert networks in filled(ApiKey(), typed, supervisor).errors["networks"][0]


def test_a_key_with_a_wrong_network_is_not_made(account: ProviderAccount, supervisor_client: Client) -> None:
    typed = {"account": account.pk, "label": "SBC", "networks": "here"}
    assert supervisor_client.post(reverse("admin:routing_apikey_add"), typed).status_code == 200
    assert not ApiKey.objects.exists()
