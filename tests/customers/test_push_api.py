"""Whom the portal believes that a customer has changed: signed on the raw bytes, now, once, and not too much."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from contactcenter.foundation.models import RequestCount
from customers.models import CrmConnection, CrmEvent, CrmPush
from customers.push import api
from tests.customers.crm_standin import connect
from tests.customers.push_standin import (
    BEFORE,
    OTHER,
    SECRET,
    Headers,
    address,
    hubspot,
    standard,
    tell,
    timed,
    told,
)

pytestmark = pytest.mark.django_db

Sign = Callable[..., Headers]
ALMOST = timedelta(seconds=280)
TOO_LONG = timedelta(seconds=330)


@pytest.fixture
def push() -> CrmPush:
    connection = connect("https://crm.example.com/api/customers")
    return CrmPush.objects.create(connection=connection, secret=SECRET, secret_before=BEFORE)


def signer(push: CrmPush, scheme: str) -> Sign:
    """The way to sign, with `scheme` set at the connection."""
    CrmPush.objects.update(scheme=scheme)
    url = f"http://testserver{address(push)}"
    return {
        "standard_webhooks": standard,
        "timed": timed,
        "hubspot": lambda body, *args, **kwargs: hubspot(body, url, *args, **kwargs),
    }[scheme]


def event(scheme: str, customer: str = "c1") -> bytes:
    """An event in the words of each scheme."""
    if scheme != "hubspot":
        return json.dumps({"id": "e1", "type": "contact.updated", "data": {"id": customer}}).encode()
    return json.dumps(
        [{"eventId": 1, "objectId": customer, "occurredAt": 1_800_000_000_000, "subscriptionType": "contact.creation"}]
    ).encode()


SCHEMES = ["standard_webhooks", "hubspot", "timed"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("secret", [SECRET, BEFORE], ids=["the live secret", "the secret before"])
@pytest.mark.parametrize("age", [timedelta(0), ALMOST, -ALMOST], ids=["now", "a little old", "a little ahead"])
def test_what_the_crm_signed_is_put_down(push: CrmPush, scheme: str, secret: str, age: timedelta) -> None:
    sign, body = signer(push, scheme), event(scheme)
    response = tell(push, body, sign(body, secret, timezone.now() - age))
    assert (response.status_code, response.content) == (202, b'{"accepted": 1}')
    assert CrmEvent.objects.get().external_id == "c1"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("alter", "secret", "age"),
    [
        pytest.param(lambda body, headers: (body, headers), OTHER, timedelta(0), id="another secret"),
        pytest.param(lambda body, headers: (body + b" ", headers), SECRET, timedelta(0), id="a body that was altered"),
        pytest.param(lambda body, headers: (body, {}), SECRET, timedelta(0), id="no signature"),
        pytest.param(lambda body, headers: (body, headers), SECRET, TOO_LONG, id="too old: a replay"),
        pytest.param(lambda body, headers: (body, headers), SECRET, -TOO_LONG, id="from the future"),
        pytest.param(
            lambda body, headers: (body, dict.fromkeys(headers, "é٣,=;")), SECRET, timedelta(0), id="nonsense"
        ),
    ],
)
def test_anything_else_is_refused_in_the_same_words(
    push: CrmPush, scheme: str, alter: Any, secret: str, age: timedelta
) -> None:
    sign, body = signer(push, scheme), event(scheme)
    altered, headers = alter(body, sign(body, secret, timezone.now() - age))
    refused = tell(push, altered, headers)
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert refused.content == unknown_address().content
    assert not CrmEvent.objects.exists()
    assert not RequestCount.objects.exists(), "a stranger does not use up the CRM's share"


def unknown_address() -> Any:
    path = "/api/v1/crm/00000000-0000-4000-8000-000000000000/events"
    return Client().post(path, b"{}", content_type="application/json")


@pytest.mark.parametrize(
    "off",
    [
        pytest.param(lambda: CrmPush.objects.update(is_enabled=False), id="the push"),
        pytest.param(lambda: CrmConnection.objects.update(is_enabled=False), id="the connection"),
        pytest.param(lambda: CrmPush.objects.update(secret="", secret_before=""), id="no secret is set"),
    ],
)
def test_what_is_switched_off_is_refused_in_the_same_words(push: CrmPush, off: Callable[[], int]) -> None:
    off()
    assert tell(push, told("c1")).content == unknown_address().content


@pytest.mark.parametrize(
    ("body", "more", "status", "code"),
    [
        pytest.param(b"{" + b" " * api.LARGEST_BODY, {}, 413, "too_large", id="more than a megabyte"),
        pytest.param(told("c1"), {"content_type": "text/plain"}, 415, "not_json", id="another content type"),
        pytest.param(b"{", {}, 400, "invalid_json", id="no JSON"),
        pytest.param(b"\xff", {}, 403, "refused", id="no text, so it cannot be signed by the package"),
    ],
)
def test_a_proven_request_that_is_not_well_formed_says_why(
    push: CrmPush, body: bytes, more: dict[str, str], status: int, code: str
) -> None:
    response = tell(push, body, standard(body) if body != b"\xff" else {}, **more)
    assert (response.status_code, json.loads(response.content)["code"]) == (status, code)
    assert not CrmEvent.objects.exists()


def test_only_posting_is_possible(push: CrmPush) -> None:
    response = Client().get(address(push))
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"{}",
        b'"c1"',
        b'{"data": {"id": null}}',
        b'{"data": {"id": true}}',
        b'{"data": {"id": {"a": 1}}}',
    ],
)
def test_an_event_without_a_customer_is_taken_and_says_nothing(push: CrmPush, body: bytes) -> None:
    assert tell(push, body).status_code == 202
    assert not CrmEvent.objects.exists()


def test_a_hubspot_batch_is_one_row_for_each_customer_and_merges_are_told_apart(push: CrmPush) -> None:
    sign = signer(push, "hubspot")
    common = {"eventId": 7, "occurredAt": 1_700_000_000_000}
    body = json.dumps(
        [
            {**common, "subscriptionType": "contact.propertyChange", "objectId": 1},
            {**common, "subscriptionType": "contact.propertyChange", "objectId": 2},
            {**common, "subscriptionType": "contact.privacyDeletion", "objectId": 3},
            {**common, "subscriptionType": "deal.creation", "objectId": 4},
            {**common, "subscriptionType": "contact.merge", "objectId": 9, "newObjectId": 9, "mergedObjectIds": [5, 9]},
        ]
    ).encode()
    for _again in range(2):
        assert tell(push, body, sign(body)).status_code == 202
    rows = CrmEvent.objects.order_by("pk").values_list("external_id", "kind", "into")
    assert list(rows) == [
        ("1", "changed", ""),
        ("2", "changed", ""),
        ("3", "deleted", ""),
        ("9", "changed", ""),
        ("5", "merged", "9"),
    ]
    assert CrmEvent.objects.first().occurred_at.year == 2023  # type: ignore[union-attr]


def test_the_customer_may_stand_elsewhere(push: CrmPush) -> None:
    CrmPush.objects.update(id_path="payload.contact.uid")
    tell(push, json.dumps({"payload": {"contact": {"uid": 42}}}).encode())
    assert CrmEvent.objects.get().external_id == "42"


def test_more_than_the_limit_a_minute_is_put_off(push: CrmPush, settings: Settings) -> None:
    settings.PORTAL_REQUESTS_PER_MINUTE = 2
    answers = [tell(push, told("c1"), None) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[-1]["Retry-After"]) <= 60


def test_an_answer_costs_a_handful_of_queries_however_many_events_there_are(
    push: CrmPush, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign = signer(push, "hubspot")
    events = [
        {"eventId": n, "objectId": n, "occurredAt": 1_700_000_000_000, "subscriptionType": "contact.creation"}
        for n in range(100)
    ]
    body = json.dumps(events).encode()
    with django_assert_max_num_queries(5):  # two of them begin and end the savepoint of the rows
        assert tell(push, body, sign(body)).status_code == 202
    assert CrmEvent.objects.count() == 100


def test_nothing_of_the_event_is_logged(push: CrmPush, caplog: pytest.LogCaptureFixture) -> None:
    tell(push, told("+390255501001"), standard(told("x")))
    assert "crm_push_refused" in caplog.text
    assert "390255501001" not in caplog.text
    assert SECRET not in caplog.text
