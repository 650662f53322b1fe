"""From the draft to a live release, back to an earlier one, and the draft made equal to one."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contactcenter.accounts.models import User
from contactcenter.foundation.models import Change
from customers.models import Customer, DataSource, Handle, LoyaltyTier
from queues.models import PhoneSystem, Queue
from routing import publishing
from routing.document import canonical, checksum, render
from routing.models import Branch, Number, ProviderAccount, Release
from routing.problems import WARNING, Problem
from routing.publishing import Choice
from routing.release import ReleaseError
from routing.restoring import CannotReset, reset_draft
from tests.routing.bad_documents import NEVER_REACHED, NUMBERS, Bad
from tests.routing.documents import GOOD, branch, changed, flow_of, is_one_of, queue
from tests.routing.documents import Change as Alter
from tests.routing.draft import good_draft

pytestmark = pytest.mark.django_db

OF_A_FLOW_AND_OF_A_NUMBER = (NEVER_REACHED[0], NUMBERS[0])
"""That each of all is found in a document is tried in test_problems.py."""


@pytest.fixture
def draft() -> dict[str, Any]:
    """GOOD as the draft, nothing published."""
    good_draft()
    return GOOD


@pytest.mark.portable
def test_publishing_makes_the_draft_live(draft: dict[str, Any], supervisor: User) -> None:
    release = publishing.publish("The beginning.", supervisor)
    live = publishing.live()
    assert live == release
    assert (release.number, release.note, release.published_by) == (1, "The beginning.", supervisor)
    assert release.document == canonical(draft)
    assert release.sha256 == checksum(release.document)


@pytest.mark.portable
def test_the_couriers_hear_of_a_release_in_the_same_transaction(first: Release) -> None:
    assert Change.objects.filter(topic="release", key="1", seq=None).exists()


def test_numbers_rise_without_a_gap(first: Release) -> None:
    for number in (2, 3):
        Queue.objects.filter(slug="vip").update(head_start_s=number)
        assert publishing.publish("Again.", None).number == number


@pytest.mark.portable
def test_what_is_live_already_is_not_published_again(first: Release) -> None:
    with pytest.raises(publishing.NothingToPublish):
        publishing.publish("Again.", None)
    assert Release.objects.count() == 1


@pytest.mark.parametrize("bad", [pytest.param(bad, id=bad.about) for bad in OF_A_FLOW_AND_OF_A_NUMBER])
def test_a_bad_draft_leaves_the_live_release_untouched(bad: Bad) -> None:
    ProviderAccount.objects.create(name="Telco", slug="telco", dialect="twilio")
    first = Release.objects.create(number=1, document=canonical(GOOD), sha256="", note="")
    reset_draft(bad.document)
    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.publish("Bad.", None)
    assert [problem.message for problem in refusal.value.problems] == [bad.message]
    assert publishing.live() == first


def test_a_warning_does_not_keep_a_draft_from_going_live(draft: dict[str, Any]) -> None:
    ProviderAccount.objects.update(is_enabled=False)
    assert {problem.severity for problem in publishing.find_problems(render())} == {WARNING}
    assert publishing.publish("Off for now.", None).number == 1


def test_a_provider_that_gives_up_before_an_agent_answers_is_warned_of(draft: dict[str, Any]) -> None:
    PhoneSystem.objects.update(answers_at_once=False)
    assert publishing.find_problems(render()) == []
    ProviderAccount.objects.update(dialect="telnyx")
    warnings = [problem for problem in publishing.find_problems(render()) if problem.severity == WARNING]
    assert any("calls of “Telco” ring for 120 at most" in warning.message for warning in warnings)


def test_a_document_that_cannot_be_compiled_stays_out(first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    no_problem: Callable[..., list[Problem]] = lambda *_: []  # noqa: E731
    monkeypatch.setattr("routing.problems.find", no_problem)
    Branch.objects.update(conditions="nonsense")
    with pytest.raises(ReleaseError):
        publishing.publish("Broken.", None)
    assert publishing.live() == first


def test_a_draft_that_changed_while_it_was_read_is_not_published(draft: dict[str, Any]) -> None:
    seen = checksum(canonical(render()))
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    with pytest.raises(publishing.DraftChanged):
        publishing.publish("Looks good.", None, Choice(seen, None, frozenset({("queues", "vip")})))
    assert publishing.live() is None


@pytest.mark.portable
def test_the_draft_differs_from_what_is_live_after_a_change(first: Release) -> None:
    assert publishing.draft_differs() == []
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    assert [each.sentence for each in publishing.draft_differs()] == ["Queue “VIP”: head start 0 s instead of 300 s"]


@pytest.mark.portable
def test_rolling_back_publishes_the_old_document_byte_for_byte(first: Release, supervisor: User) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    publishing.publish("No head start.", None)
    release = publishing.roll_back(first, "It was better before.", supervisor)
    assert (release.number, release.rolled_back_from, release.published_by) == (3, 1, supervisor)
    assert (release.document, release.sha256) == (first.document, first.sha256)
    assert publishing.live() == release


def test_rolling_back_leaves_the_draft_alone(first: Release) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    publishing.publish("No head start.", None)
    publishing.roll_back(first, "Back.", None)
    assert render()["queues"]["vip"]["head_start_s"] == 0


def test_rolling_back_to_what_is_live_is_refused(first: Release) -> None:
    with pytest.raises(publishing.NothingToPublish):
        publishing.roll_back(first, "Back.", None)


def test_a_damaged_release_is_not_gone_back_to(first: Release) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    second = publishing.publish("No head start.", None)
    Release.objects.filter(pk=first.pk).update(document='{"format":1}')
    with pytest.raises(ReleaseError):
        publishing.roll_back(Release.objects.get(pk=first.pk), "Back.", None)
    assert publishing.live() == second


@pytest.mark.portable
@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_give_two_numbers() -> None:
    good_draft()
    publishers = 4
    barrier = Barrier(publishers)

    def publish(place: int) -> str:
        try:
            barrier.wait(timeout=10)
            Queue.objects.filter(slug="vip").update(head_start_s=place + 1)
            return str(publishing.publish(f"Publisher {place}", None).number)
        except publishing.NothingToPublish:
            return "nothing"
        finally:
            connection.close()

    with ThreadPoolExecutor(publishers) as pool:
        outcomes = list(pool.map(publish, range(publishers)))
    numbers = [outcome for outcome in outcomes if outcome != "nothing"]
    assert sorted(numbers) == [str(number + 1) for number in range(len(numbers))]
    assert list(Release.objects.order_by("number").values_list("number", flat=True)) == list(map(int, sorted(numbers)))
    documents = list(Release.objects.order_by("number").values_list("document", flat=True))
    assert all(one != other for one, other in pairwise(documents))


def swap_names(document: dict[str, Any]) -> None:
    queues = document["queues"]
    queues["vip"]["name"], queues["standard"]["name"] = queues["standard"]["name"], queues["vip"]["name"]


def swap_ranks(document: dict[str, Any]) -> None:
    tiers = document["tiers"]
    tiers["gold"]["rank"], tiers["silver"]["rank"] = tiers["silver"]["rank"], tiers["gold"]["rank"]


def turn_ranks_around(document: dict[str, Any]) -> None:
    """The lowest, which was the highest, stands first: it passes nobody who is still where he was set aside."""
    highest_first = sorted(document["tiers"], key=lambda slug: -document["tiers"][slug]["rank"])
    document["tiers"] = {
        slug: document["tiers"][slug] | {"rank": rank} for rank, slug in enumerate(highest_first, start=1)
    }


def another_order(document: dict[str, Any]) -> None:
    document.update(emergency_queue="vip")
    flow_of(document)["branches"].reverse()


def more_of_everything(document: dict[str, Any]) -> None:
    flow_of(document)["branches"].append(branch("b", "B", "vip", is_one_of("gold")))
    document["queues"].update(night=queue("Night", "8009", overflow_to="vip", calendar="office"))
    document["queues"]["vip"].update(answer_timeout_s=20, when_closed="announce")
    variable = {"name": "tier", "expression": "t", "type": "text", "default": "none", "fills": "tier"}
    document["sources"]["crm"]["variables"].append(variable)


def less_of_everything(document: dict[str, Any]) -> None:
    document.pop("emergency_queue")
    document["queues"]["vip"].pop("overflow_to")
    document["numbers"].pop("whatsapp:+390212345678")
    document["numbers"]["voice:+390212345678"].pop("flow")
    document["attributes"].clear()
    document["calendars"]["office"].update(hours=[], exceptions=[])
    document["phone_systems"]["pbx"].update(hosts=[])
    flow_of(document).update(steps=[], branches=[])


@pytest.mark.parametrize("alter", [swap_names, swap_ranks, another_order, more_of_everything, less_of_everything])
def test_a_reset_makes_the_draft_equal_to_the_document(draft: dict[str, Any], alter: Alter) -> None:
    other = changed(alter)
    reset_draft(other)
    assert render() == other
    reset_draft(draft)
    assert render() == draft


@pytest.mark.portable
def test_a_reset_to_an_empty_document_empties_the_draft(draft: dict[str, Any]) -> None:
    empty: dict[str, Any] = {key: {} for key, value in draft.items() if isinstance(value, dict)} | {"format": 1}
    reset_draft(empty)
    assert render() == empty
    reset_draft(draft)
    assert render() == draft


def test_a_reset_leaves_secrets_people_and_accounts_alone(draft: dict[str, Any]) -> None:
    source = DataSource.objects.get()
    source.secret = "very-secret"
    source.save()
    customer = Customer.objects.create(name="Ada", tier=LoyaltyTier.objects.get(slug="gold"))
    reset_draft(changed(swap_ranks))
    assert DataSource.objects.get().secret == "very-secret"
    assert ProviderAccount.objects.get().secret == "signing-secret"
    customer.refresh_from_db()
    assert customer.tier is not None
    assert (customer.tier.slug, customer.tier.name) == ("gold", "Gold")


def test_a_reset_keeps_what_it_can_in_place(draft: dict[str, Any]) -> None:
    before = set(Branch.objects.values_list("pk", flat=True)) | set(PhoneSystem.objects.values_list("pk", flat=True))
    reset_draft(changed(swap_names))
    after = set(Branch.objects.values_list("pk", flat=True)) | set(PhoneSystem.objects.values_list("pk", flat=True))
    assert after == before


def test_a_reset_writes_those_numbers_that_differ(draft: dict[str, Any]) -> None:
    Number.objects.filter(channel="whatsapp").update(label="Renamed")
    with CaptureQueriesContext(connection) as asked:
        reset_draft(draft)
    assert sum(query["sql"].startswith('UPDATE "routing_number"') for query in asked) == 1
    assert render() == draft


def test_a_reset_that_orders_tiers_anew_tells_who_shares_an_address(draft: dict[str, Any]) -> None:
    for slug in ("gold", "silver"):
        someone = Customer.objects.create(name=slug, tier=LoyaltyTier.objects.get(slug=slug))
        Handle.objects.create(customer=someone, value="+390255501001")
    for document, told in ((draft, []), (changed(turn_ranks_around), ["phone:+390255501001"])):
        Change.objects.update(seq=1)
        reset_draft(document)
        assert list(Change.objects.filter(topic="facts", seq=None).values_list("key", flat=True)) == told


@pytest.mark.portable
def test_a_tier_that_customers_have_is_not_deleted_by_a_reset(draft: dict[str, Any]) -> None:
    Customer.objects.create(name="Ada", tier=LoyaltyTier.objects.get(slug="gold"))

    def without_gold(document: dict[str, Any]) -> None:
        del document["tiers"]["gold"]
        flow_of(document)["branches"].pop(0)

    with pytest.raises(CannotReset) as refusal:
        reset_draft(changed(without_gold))
    assert refusal.value.reasons == ["“Gold” is not in this release and cannot be deleted: used by Customers: 1."]
    assert render() == draft


def test_a_reset_that_needs_an_account_that_is_gone_is_refused(draft: dict[str, Any]) -> None:
    ProviderAccount.objects.update(slug="other")
    before = render()
    with pytest.raises(CannotReset) as refusal:
        reset_draft(draft)
    assert refusal.value.reasons == ["The provider account “telco” is missing: add it first."]
    assert render() == before


def test_a_reset_to_a_format_of_the_future_is_refused(draft: dict[str, Any]) -> None:
    with pytest.raises(CannotReset):
        reset_draft(draft | {"format": 99})
    assert render() == draft


def test_a_release_can_be_restored_from_its_text(first: Release) -> None:
    reset_draft(changed(swap_names))
    reset_draft(json.loads(first.document))
    assert canonical(render()) == first.document


def test_the_publish_command_says_what_changes(first: Release, capsys: pytest.CaptureFixture[str]) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    call_command("publish", note="No head start.")
    assert capsys.readouterr().out.splitlines() == [
        "Queues",
        "  Queue “VIP”: head start 0 s instead of 300 s",
        "Release 2 is published.",
    ]


def test_the_publish_command_lists_problems(first: Release) -> None:
    PhoneSystem.objects.update(hosts="")
    with pytest.raises(CommandError, match="has no SIP host"):
        call_command("publish", note="No hosts.")
    assert publishing.live() == first


def test_the_rollback_command_goes_back(first: Release, capsys: pytest.CaptureFixture[str]) -> None:
    Queue.objects.filter(slug="vip").update(head_start_s=0)
    publishing.publish("No head start.", None)
    call_command("rollback", "1", note="Back.")
    assert capsys.readouterr().out.splitlines() == [
        "Queue “VIP”: head start 300 s instead of 0 s",
        "Release 3 is published, with what release 1 had.",
    ]


def test_the_rollback_command_refuses_a_release_that_is_not_there(first: Release) -> None:
    with pytest.raises(CommandError, match="There is no release 7"):
        call_command("rollback", "7", note="Back.")
