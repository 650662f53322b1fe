"""What the portal answers to machines."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from routing.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.portable]
CALLER = "+390255501001"


@pytest.fixture
def decision() -> Decision:
    answer = {"queue": "vip", "caller_id": CALLER}
    return Decision.objects.create(
        decision_id="d1",
        account="a",
        call_id="c",
        channel="voice",
        number="+390255500000",
        caller=CALLER,
        reason="branch",
        decided_at=timezone.now(),
        document={"answer": answer, "variables": {"call.from": CALLER}},
    )


def test_a_decision_is_shown_with_the_caller_masked_everywhere(supervisor_client: Client, decision: Decision) -> None:
    response = supervisor_client.get("/api/v1/decisions/d1")
    assert response.status_code == 200
    shown: dict[str, Any] = response.json()
    assert shown["document"]["answer"]["queue"] == "vip"
    assert shown["number"] == decision.number
    assert shown["decided_at"].endswith("Z")
    assert CALLER not in response.content.decode()


def test_a_stranger_sees_nothing(stranger_client: Client, client: Client, decision: Decision) -> None:
    for nobody_who_may in (stranger_client, client):
        response = nobody_who_may.get("/api/v1/decisions/d1")
        assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
        assert response["Content-Type"] == "application/problem+json"


def test_an_unknown_decision_is_not_found(supervisor_client: Client) -> None:
    response = supervisor_client.get("/api/v1/decisions/none")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_decision")


def test_the_openapi_document_describes_both_servers(client: Client) -> None:
    document = client.get("/api/schema/?format=json").json()
    assert {"/api/v1/decisions", "/api/v1/contacts/events", "/api/v1/decisions/{decision_id}"} <= set(document["paths"])
    asked = document["components"]["schemas"]["QuestionSchema"]["properties"]
    assert {"call_id", "to", "from", "context"} <= set(asked)


def test_the_openapi_document_says_what_each_address_answers(client: Client) -> None:
    paths = client.get("/api/schema/?format=json").json()["paths"]
    for where, methods in paths.items():
        for said in methods.values():
            answers = said["responses"]
            assert "Raises" not in said["description"], where
            assert all(
                list(answers[status]["content"]) == ["application/problem+json"] for status in answers if status >= "4"
            )
            assert any(answers[status]["content"] for status in answers if status < "3"), where
            assert any(status >= "4" for status in answers), where


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/metrics"])
def test_health_needs_no_login(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200
