"""The draft as a document: complete, canonical, and without a person or a secret in it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer, DataSource, Handle
from queues.models import AccountManager, HelpDesk, Queue
from routing.document import canonical, checksum, render
from routing.models import Branch, Flow, Number
from routing.release import compile_release
from routing.restoring import reset_draft
from tests.routing.documents import GOOD, good
from tests.routing.draft import good_draft

pytestmark = [pytest.mark.django_db, pytest.mark.portable]

MOST_QUERIES = 16


@pytest.fixture
def draft() -> dict[str, Any]:
    """GOOD as the draft."""
    good_draft()
    return GOOD


def test_the_draft_renders_to_its_document(draft: dict[str, Any]) -> None:
    assert render() == draft


def test_what_came_after_the_first_releases_is_restored_and_left_out_where_it_is_as_usual(
    draft: dict[str, Any],
) -> None:
    document = good()
    document["phone_systems"]["pbx"] |= {"learns_by": "header", "statistics_by": "system", "outcomes_by": "program"}
    document["queues"]["vip"] |= {
        "when_full": "announce",
        "full_address": "9001",
        "skills": "italian,billing",
        "headers": "X-CC-Rank: {tier}",
        "agents_per_caller": 1.5,
    }
    reset_draft(document)
    assert render() == document
    reset_draft(good())
    assert render() == GOOD
    assert Queue.objects.get(slug="vip").when_full == "overflow"


def test_an_empty_draft_renders() -> None:
    assert render()["queues"] == {}
    assert "emergency_queue" not in render()


def test_of_flows_and_numbers_only_those_asked_for_are_rendered_and_as_ever(draft: dict[str, Any]) -> None:
    flow = Flow.objects.get()
    other = Flow.objects.create(name="Other", slug="other", last_path=flow.last_path)
    Branch.objects.create(flow=other, slug="all", label="All", queue=flow.last_path)
    key = "whatsapp:+390212345678"
    rendered = render(Flow.objects.filter(pk=flow.pk), Number.objects.filter(channel="whatsapp"))
    assert rendered == draft | {"numbers": {key: draft["numbers"][key]}}


def test_the_document_survives_its_text(draft: dict[str, Any]) -> None:
    assert json.loads(canonical(render())) == render()


def test_what_is_rendered_can_be_decided_by(draft: dict[str, Any]) -> None:
    assert compile_release(render(), 1).emergency_queue == "standard"


def test_the_same_contents_give_the_same_text() -> None:
    backwards = dict(reversed(GOOD.items()))
    assert canonical(backwards) == canonical(GOOD)
    assert canonical({"name": "Più"}) == '{"name":"Più"}'


def test_the_checksum_is_that_of_the_text_in_utf_8() -> None:
    assert checksum("Più") == "ba5e26ba1d677a971b8ef97fd387d74d4c6fca2dd35c39e195b9e3749ca764ab"


def test_empty_fields_are_left_out(draft: dict[str, Any]) -> None:
    Queue.objects.filter(slug="vip").update(overflow_to=None, team="", head_start_s=0)
    vip = render()["queues"]["vip"]
    assert not {"overflow_to", "team", "calendar"} & vip.keys()
    assert vip["head_start_s"] == 0


def test_branches_stand_in_their_order(draft: dict[str, Any]) -> None:
    Branch.objects.filter(slug="silver").update(position=0)
    assert [branch["slug"] for branch in render()["flows"]["priority-customers"]["branches"]] == [
        "silver",
        "gold-or-platinum",
    ]


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(lambda: DataSource.objects.update(secret="very-secret"), id="the secret of a source"),
        pytest.param(lambda: HelpDesk.objects.update(token="very-secret"), id="the token of a help desk"),
        pytest.param(
            lambda: Handle.objects.create(customer=Customer.objects.create(name="Ada Bianchi"), value="+39333"),
            id="a customer",
        ),
        pytest.param(
            lambda: AccountManager.objects.create(name="Ada Bianchi", slug="ada", address="+39333123456"),
            id="an account manager",
        ),
    ],
)
def test_no_person_and_no_secret_is_in_it(draft: dict[str, Any], add: Callable[[], object]) -> None:
    before = canonical(render())
    add()
    assert canonical(render()) == before


def test_a_large_draft_takes_no_more_queries(
    draft: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    flow, queue = Flow.objects.get(), Queue.objects.get(slug="vip")
    Branch.objects.bulk_create(Branch(flow=flow, slug=f"b{n}", label=f"B{n}", queue=queue) for n in range(50))
    with django_assert_max_num_queries(MOST_QUERIES):
        assert len(render()["flows"]["priority-customers"]["branches"]) == 52
