"""What changes between two documents, in the words that a supervisor reads."""

import pytest

from routing.differences import differences, grouped
from tests.routing.documents import GOOD, Change, branch, changed, condition, flow_of, good, is_one_of, queue

GOLD = "Branch “Gold or platinum” of flow “Priority customers”"


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        pytest.param(
            lambda document: flow_of(document)["branches"][0].update(queue="priority"),
            "changed",
            f"{GOLD}: leads to Priority instead of VIP",
            id="a branch leads elsewhere",
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"][0].update(conditions=is_one_of("gold")),
            "changed",
            f"{GOLD}: taken by loyalty tier is one of Gold instead of loyalty tier is one of Gold, Platinum",
            id="conditions before and after",
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"][0].update(
                conditions=[
                    [condition("crm.status", "is", "ok"), condition("customer.known", "is", True)],
                    [condition("time.window", "within_window", {"days": [0, 4], "from": "09:00", "until": "18:00"})],
                ]
            ),
            "changed",
            f"{GOLD}: taken by Fetched: CRM: outcome of the question is ok and is a known customer: yes"
            " or day and time is within Mon, Fri 09:00-18:00 instead of loyalty tier is one of Gold, Platinum",
            id="groups of conditions",
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"][0].update(conditions=[]),
            "changed",
            f"{GOLD}: taken by everybody instead of loyalty tier is one of Gold, Platinum",
            id="a branch that takes everybody",
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"][0].update(target_kind="account_manager"),
            "changed",
            f"{GOLD}: leads to the customer's account manager, then the queue instead of the queue",
            id="a branch leads to the account manager",
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"].insert(
                1, branch("known", "Known", "priority", [[condition("customer.known", "is", True)]])
            ),
            "added",
            "Branch “Known” of flow “Priority customers” is new: taken by is a known customer: yes, leads to Priority.",
            id="a new branch",
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"].pop(0), "removed", f"{GOLD} is gone.", id="a branch less"
        ),
        pytest.param(
            lambda document: flow_of(document)["branches"].reverse(),
            "changed",
            "Flow “Priority customers”: the order of branches is now Silver, Gold or platinum",
            id="another order of branches",
        ),
        pytest.param(
            lambda document: document["queues"]["vip"].update(head_start_s=0),
            "changed",
            "Queue “VIP”: head start 0 s instead of 300 s",
            id="a number with its unit",
        ),
        pytest.param(
            lambda document: document["queues"]["priority"].pop("max_waiting"),
            "changed",
            "Queue “Priority”: maximum callers waiting nothing instead of 20",
            id="a limit taken away",
        ),
        pytest.param(
            lambda document: document["queues"]["vip"].update(overflow_to="standard"),
            "changed",
            "Queue “VIP”: overflow to Standard instead of Priority",
            id="another overflow, by its name",
        ),
        pytest.param(
            lambda document: document["queues"].update(night=queue("Night", "8009")),
            "added",
            "Queue “Night” is new.",
            id="a new queue",
        ),
        pytest.param(
            lambda document: document["numbers"].pop("whatsapp:+390212345678"),
            "removed",
            "Number “WhatsApp” is gone.",
            id="a number less",
        ),
        pytest.param(
            lambda document: document["tiers"]["gold"].update(name="Oro"),
            "changed",
            "Tier “Oro”: name Oro instead of Gold",
            id="another name",
        ),
        pytest.param(
            lambda document: document["calendars"]["office"].update(
                hours=[{"weekday": 0, "opens": "09:00", "closes": "17:00"}]
            ),
            "changed",
            "Calendar “Office hours”: opening hours Mon 09:00-17:00 instead of Mon 09:00-18:00, Tue 09:00-18:00",
            id="opening hours",
        ),
        pytest.param(
            lambda document: document["calendars"]["office"].update(exceptions=[]),
            "changed",
            "Calendar “Office hours”: special days nothing instead of Christmas 2026-12-25 – 2026-12-26 closed",
            id="special days",
        ),
        pytest.param(
            lambda document: document.update(emergency_queue="vip"),
            "changed",
            "Emergency queue: VIP instead of Standard",
            id="another emergency queue",
        ),
        pytest.param(
            lambda document: document["phone_systems"]["pbx"].update(answers_at_once=False),
            "changed",
            "Phone system “Head office”: answers at once no instead of yes",
            id="yes and no",
        ),
        pytest.param(
            lambda document: document["sources"]["crm"]["variables"][0].update(type="number"),
            "changed",
            "Variable “id” of data source “CRM”: type number instead of text",
            id="a variable of a source",
        ),
        pytest.param(
            lambda document: document["queues"]["vip"].update(music_on_hold="jazz"),
            "changed",
            "Queue “VIP”: music on hold jazz instead of nothing",
            id="a field without words of its own",
        ),
    ],
)
def test_one_change_is_one_sentence(change: Change, kind: str, sentence: str) -> None:
    found = differences(GOOD, changed(change))
    assert [(each.kind, each.sentence) for each in found] == [(kind, sentence)]


def test_equal_documents_do_not_differ() -> None:
    assert differences(GOOD, good()) == []


def test_before_the_first_release_everything_is_new() -> None:
    found = differences(None, GOOD)
    assert {each.kind for each in found} == {"added", "changed"}
    assert "Emergency queue: Standard instead of nothing" in [each.sentence for each in found]


def test_differences_are_told_under_headings_in_a_fixed_order() -> None:
    def change(document: dict) -> None:
        document["tiers"].pop("silver")
        document["queues"]["vip"].update(team="Very important", head_start_s=0)

    groups = grouped(differences(GOOD, changed(change)))
    assert [(title, len(members)) for title, members in groups] == [("Queues", 2), ("Loyalty tiers", 1)]


def test_the_path_leads_to_the_field() -> None:
    found = differences(GOOD, changed(lambda document: flow_of(document)["branches"][1].update(queue="vip")))
    assert [each.path for each in found] == [("flows", "priority-customers", "branches", "silver", "queue")]
