"""Numbers at Twilio, Telnyx, Vonage and Plivo: fetched page by page, and pointed at us."""

from typing import Any

import pytest

from queues.models import PhoneSystem, Queue
from routing.models import Number, ProviderAccount
from routing.numbering import of_account
from routing.numbering.asking import NumberingError, NumberingRejected, NumberingUnavailable
from routing.numbering.by_hand import STEPS
from routing.providers import DIALECTS
from tests.routing.numbering.provider_standin import SECRET, USER, Fault, Provider

pytestmark = pytest.mark.django_db

HOTLINE = "390212345678"
ELSEWHERE = "https://old.example.com/answer"


def lead_elsewhere(provider: Provider, dialect: str, number: str = HOTLINE) -> None:
    """Let the number ask somebody else, in the provider's own way."""
    hooks = {"answer_url": {"address": ELSEWHERE, "http_method": "GET"}}
    rows: dict[str, dict[str, Any]] = {
        "telnyx": {"friendly_name": "old", "voice_url": ELSEWHERE},
        "vonage": {"name": "old", "capabilities": {"voice": {"webhooks": hooks}}},
        "plivo": {"app_name": "old", "answer_url": ELSEWHERE},
    }
    provider.numbers[number] = ELSEWHERE if dialect == "twilio" else provider.make(rows[dialect])


def only(account: ProviderAccount) -> of_account.Found:
    (found,) = of_account.fetch(account)
    return found


def test_all_pages_are_fetched(account: ProviderAccount, provider: Provider) -> None:
    numbers = [f"3902123456{last}" for last in range(10, 17)]
    provider.numbers = dict.fromkeys(numbers, "")
    found = of_account.fetch(account)
    assert [each.rented.address for each in found] == [f"+{number}" for number in numbers]
    assert not any(each.is_ours or each.known for each in found)


def test_an_account_without_numbers_has_none(account: ProviderAccount, provider: Provider) -> None:
    assert of_account.fetch(account) == []


def test_a_number_is_pointed_at_us_and_told_where_it_pointed_before(
    account: ProviderAccount, provider: Provider, dialect: str
) -> None:
    lead_elsewhere(provider, dialect)
    lead_elsewhere(provider, dialect, "390299999999")
    before = of_account.fetch(account)[0]
    assert (before.rented.points_at, before.is_ours) == (ELSEWHERE, False)
    of_account.point(account, before.rented, ELSEWHERE)
    after, other = of_account.fetch(account)
    assert after.is_ours
    assert after.rented.points_at == f"https://calls.example.com/api/v1/p/{account.uuid}/voice"
    assert other.rented.points_at == ELSEWHERE


def test_the_fallback_goes_along(account: ProviderAccount, provider: Provider, dialect: str) -> None:
    lead_elsewhere(provider, dialect)
    of_account.point(account, only(account).rented, ELSEWHERE)
    assert account.fallback_url in str(provider.extras if dialect == "twilio" else provider.apps)


def test_all_numbers_of_an_account_share_one_application(
    account: ProviderAccount, provider: Provider, dialect: str
) -> None:
    provider.numbers = {HOTLINE: "", "390299999999": ""}
    for found in of_account.fetch(account):
        of_account.point(account, found.rented, "")
    ours = [each for each in provider.apps.values() if "contactcenter-italy" in each.values()]
    assert len(ours) == (0 if dialect == "twilio" else 1)
    assert all(found.is_ours for found in of_account.fetch(account))


def test_when_our_address_changes_the_same_application_is_told(account: ProviderAccount, provider: Provider) -> None:
    provider.numbers = {HOTLINE: ""}
    of_account.point(account, only(account).rented, "")
    before, asked = dict(provider.apps), only(account).rented.points_at
    account.public_url = "https://calls2.example.com"
    assert not only(account).is_ours
    of_account.point(account, only(account).rented, asked)
    assert only(account).is_ours
    assert provider.apps.keys() == before.keys()


def test_pointing_twice_changes_nothing_more(account: ProviderAccount, provider: Provider) -> None:
    provider.numbers = {HOTLINE: ""}
    for _time in range(2):
        found = only(account)
        of_account.point(account, found.rented, found.rented.points_at)
    assert only(account).is_ours
    assert len(provider.apps) <= 1


def test_a_number_that_somebody_changed_meanwhile_is_left_alone(
    account: ProviderAccount, provider: Provider, dialect: str
) -> None:
    lead_elsewhere(provider, dialect)
    with pytest.raises(of_account.PointsElsewhere):
        of_account.point(account, only(account).rented, "https://what-the-page-said.example.com")
    assert only(account).rented.points_at == ELSEWHERE


@pytest.mark.parametrize("dialect", ["vonage"], indirect=True)
def test_a_number_that_vonage_forwards_is_forwarded_no_more_and_keeps_its_messages(
    account: ProviderAccount, provider: Provider
) -> None:
    provider.numbers = {HOTLINE: ""}
    forwarded = {
        "voiceCallbackType": "sip",
        "voiceCallbackValue": "sip:old@example.com",
        "moHttpUrl": "https://m.example",
    }
    provider.extras[HOTLINE] = dict(forwarded)
    found = only(account)
    assert found.rented.points_at == "sip:old@example.com"
    of_account.point(account, found.rented, "sip:old@example.com")
    assert provider.extras[HOTLINE]["moHttpUrl"] == "https://m.example"
    assert only(account).is_ours


@pytest.mark.parametrize("dialect", ["twilio"], indirect=True)
@pytest.mark.parametrize(
    ("row", "words"),
    [({"trunk_sid": "TK1"}, "trunk TK1"), ({"voice_application_sid": "AP1"}, "application AP1")],
)
def test_what_goes_before_the_address_at_twilio_is_told(
    account: ProviderAccount, provider: Provider, row: dict[str, str], words: str
) -> None:
    provider.numbers = {HOTLINE: "https://ignored.example.com"}
    provider.extras[HOTLINE] = dict(row)
    assert only(account).rented.points_at == words
    of_account.point(account, only(account).rented, words)
    assert (provider.extras[HOTLINE]["TrunkSid"], provider.extras[HOTLINE]["VoiceApplicationSid"]) == ("", "")


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        pytest.param(Fault(401), NumberingRejected, "refused API user and API secret", id="wrong secret"),
        pytest.param(Fault(403), NumberingRejected, "refused API user and API secret", id="not allowed"),
        pytest.param(Fault(429, {"Retry-After": "7"}), NumberingUnavailable, "in 7 seconds", id="too many, says when"),
        pytest.param(Fault(429, {"Retry-After": "soon"}), NumberingUnavailable, "some minutes", id="too many"),
        pytest.param(Fault(500), NumberingUnavailable, "fault of its own (status 500)", id="their fault"),
        pytest.param(Fault(422), NumberingRejected, "refused this (status 422)", id="refused"),
        pytest.param(Fault(302, {"Location": "https://x"}), NumberingRejected, "status 302", id="sent elsewhere"),
        pytest.param(Fault(200, body=b"<html>"), NumberingUnavailable, "cannot be read", id="no JSON"),
        pytest.param(Fault(200, after_s=1.5), NumberingUnavailable, "did not answer in time", id="slow"),
    ],
)
@pytest.mark.parametrize("dialect", ["twilio"], indirect=True)
def test_a_failure_is_told_in_words_and_tried_once(
    account: ProviderAccount, provider: Provider, fault: Fault, kind: type[NumberingError], words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("routing.numbering.asking.READ_S", 0.5)
    provider.faults.append(fault)
    with pytest.raises(kind, match=words.replace("(", r"\(").replace(")", r"\)")) as raised:
        of_account.fetch(account)
    assert len(provider.journal) == 1
    assert SECRET not in str(raised.value)
    assert USER not in str(raised.value)


def test_a_failure_of_any_provider_is_told(account: ProviderAccount, provider: Provider) -> None:
    account.api_secret = "another"
    with pytest.raises(NumberingRejected, match="refused API user and API secret"):
        of_account.fetch(account)


@pytest.mark.parametrize("body", [b"[]", b"null", b'{"numbers": 7, "data": "x", "objects": {}, "meta": []}', b""])
def test_an_answer_of_another_shape_is_no_crash(account: ProviderAccount, provider: Provider, body: bytes) -> None:
    provider.faults += [Fault(200, body=body)] * 3
    assert of_account.fetch(account) == []


@pytest.mark.parametrize("dialect", ["plivo"], indirect=True)
def test_numbers_are_added_with_one_flow_and_known_ones_left_alone(
    account: ProviderAccount, provider: Provider
) -> None:
    provider.numbers = {HOTLINE: "", "390299999999": ""}
    queue = Queue.objects.create(name="VIP", slug="vip", phone_system=PhoneSystem.objects.create(name="p", slug="p"))
    fields = {"account": account, "default_queue": queue, "time_zone": "Europe/Paris"}
    Number.objects.create(channel="voice", address=f"+{HOTLINE}", label="Hotline", **fields)
    added = of_account.add(account, of_account.fetch(account), Number(default_queue=queue, time_zone="Europe/Paris"))
    assert [(each.address, each.label, each.time_zone) for each in added] == [
        ("+390299999999", "+390299999999", "Europe/Paris")
    ]
    assert {each.known.label for each in of_account.fetch(account) if each.known} == {"Hotline", "+390299999999"}


def test_every_provider_has_words_for_doing_it_by_hand() -> None:
    assert STEPS.keys() == DIALECTS.keys()
