"""The live document with only some things of the draft in it: nothing lost, nothing missing, nothing twice."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.differences import PARTS
from routing.document import canonical
from routing.picking import Lack, changed, lacking, pick
from routing.references import EMERGENCY, Thing
from routing.release import compile_release
from tests.routing.documents import GOOD, branch, condition, flow_of, good, is_one_of, queue

Document = dict[str, Any]

NIGHT, FLOW, OFFICE = ("queues", "night"), ("flows", "priority-customers"), ("calendars", "office")


def add_night(document: Document) -> None:
    """A queue with a calendar of its own, and a branch that leads there."""
    document["calendars"]["nights"] = document["calendars"]["office"] | {"name": "Nights"}
    document["queues"]["night"] = queue("Night", "8009", calendar="nights")
    flow_of(document)["branches"].append(branch("night", "At night", "night", is_one_of("gold")))


def remove_vip(document: Document) -> None:
    del document["queues"]["vip"]
    flow_of(document)["branches"][0]["queue"] = "priority"


def rename_vip(document: Document) -> None:
    document["queues"]["best"] = document["queues"].pop("vip")
    flow_of(document)["branches"][0]["queue"] = "best"


def swap_names(document: Document) -> None:
    one, other = document["queues"]["priority"], document["queues"]["standard"]
    one["name"], other["name"] = other["name"], one["name"]


def swap_ranks(document: Document) -> None:
    tiers = document["tiers"]
    tiers["gold"]["rank"], tiers["silver"]["rank"] = tiers["silver"]["rank"], tiers["gold"]["rank"]


def another_emergency_queue(document: Document) -> None:
    document["queues"]["spare"] = queue("Spare", "8010")
    document[EMERGENCY] = "spare"


def no_emergency_queue(document: Document) -> None:
    document.pop(EMERGENCY, None)


def ask_for_a_new_attribute(document: Document) -> None:
    document["attributes"]["fleet"] = {"label": "Fleet", "type": "text"}
    flow_of(document)["branches"][1]["conditions"] = [[condition("customer.fleet", "is", "big")]]


def ask_for_a_new_tier(document: Document) -> None:
    document["tiers"]["diamond"] = {"name": "Diamond", "rank": 9}
    flow_of(document)["branches"][1]["conditions"] = is_one_of("diamond")


def tell_somebody(document: Document) -> None:
    document["notification_targets"] = {"desk": {"name": "Key accounts"}}
    flow_of(document)["notify"] = "desk"


def fewer_numbers(document: Document) -> None:
    document["numbers"].popitem()


CHANGES: list[Callable[[Document], None]] = [
    add_night,
    remove_vip,
    swap_names,
    swap_ranks,
    another_emergency_queue,
    no_emergency_queue,
    ask_for_a_new_attribute,
    ask_for_a_new_tier,
    tell_somebody,
    fewer_numbers,
]


def after(*changes: Callable[[Document], None]) -> Document:
    document = good()
    for change in changes:
        change(document)
    return document


@st.composite
def live_and_draft(draw: st.DrawFn) -> tuple[Document | None, Document, set[Thing]]:
    """What is live, a draft, and some of what differs between them."""
    some = st.lists(st.sampled_from(CHANGES), unique=True, max_size=5)
    live = None if draw(st.integers(0, 9)) == 0 else after(*draw(some))
    draft = after(*draw(some))
    things = changed(live, draft)
    return live, draft, draw(st.sets(st.sampled_from(things))) if things else set()


@settings(max_examples=40)
@given(live_and_draft())
def test_ticking_everything_gives_the_draft_and_ticking_nothing_what_is_live(
    case: tuple[Document | None, Document, set[Thing]],
) -> None:
    live, draft, _ticked = case
    everything = changed(live, draft)
    assert canonical(pick(live, draft, everything)) == canonical(draft)
    assert lacking(live, draft, everything) == []
    if live is not None:
        assert canonical(pick(live, draft, [])) == canonical(live)
        assert lacking(live, draft, []) == []


@settings(max_examples=40)
@given(live_and_draft())
def test_what_is_picked_can_be_decided_by_or_says_what_is_missing(
    case: tuple[Document | None, Document, set[Thing]],
) -> None:
    live, draft, ticked = case
    lacks = lacking(live, draft, ticked)
    whole = ticked | {lack.needs for lack in lacks}
    compile_release(pick(live, draft, whole), 1)
    assert lacking(live, draft, whole) == []
    if not lacks:
        compile_release(pick(live, draft, ticked), 1)


@settings(max_examples=40)
@given(live_and_draft())
def test_what_is_not_ticked_stays_in_the_draft(case: tuple[Document | None, Document, set[Thing]]) -> None:
    live, draft, ticked = case
    left = set(changed(pick(live, draft, ticked), draft))
    assert left == set(changed(live, draft)) - ticked


@settings(max_examples=40)
@given(live_and_draft())
def test_no_name_and_no_rank_is_there_twice(case: tuple[Document | None, Document, set[Thing]]) -> None:
    live, draft, ticked = case
    whole = pick(live, draft, ticked | {lack.needs for lack in lacking(live, draft, ticked)})
    for part, field in (*product(("queues", "tiers", "flows"), ("name",)), ("tiers", "rank")):
        values = [row[field] for row in whole[part].values()]
        assert len(values) == len(set(values)), (part, field)


@pytest.mark.parametrize(
    ("change", "ticked", "needs"),
    [
        pytest.param(add_night, FLOW, {NIGHT, ("calendars", "nights")}, id="a flow needs a new queue and its calendar"),
        pytest.param(add_night, NIGHT, {("calendars", "nights")}, id="a new queue needs its calendar, not the flow"),
        pytest.param(remove_vip, ("queues", "vip"), {FLOW}, id="a queue goes only with the flow that named it"),
        pytest.param(remove_vip, FLOW, set(), id="the flow may leave the queue behind"),
        pytest.param(
            rename_vip, ("queues", "best"), {("queues", "vip"), FLOW}, id="a new short name takes the old one away"
        ),
        pytest.param(rename_vip, FLOW, {("queues", "best"), ("queues", "vip")}, id="and the flow brings both"),
        pytest.param(swap_names, ("queues", "priority"), {("queues", "standard")}, id="two names are swapped together"),
        pytest.param(swap_ranks, ("tiers", "gold"), {("tiers", "silver")}, id="two ranks are swapped together"),
        pytest.param(another_emergency_queue, (EMERGENCY, ""), {("queues", "spare")}, id="the emergency queue"),
        pytest.param(ask_for_a_new_attribute, FLOW, {("attributes", "fleet")}, id="an attribute in a condition"),
        pytest.param(ask_for_a_new_tier, FLOW, {("tiers", "diamond")}, id="a tier in a condition"),
        pytest.param(tell_somebody, FLOW, {("notification_targets", "desk")}, id="somebody to be told"),
    ],
)
def test_what_is_needed_is_named(change: Callable[[Document], None], ticked: Thing, needs: set[Thing]) -> None:
    assert {lack.needs for lack in lacking(GOOD, after(change), [ticked])} == needs


def test_a_lack_says_for_what() -> None:
    lacks = lacking(GOOD, after(add_night), [FLOW])
    assert lacks == [Lack(FLOW, NIGHT), Lack(NIGHT, ("calendars", "nights"))]


def test_only_what_is_ticked_changes() -> None:
    draft = after(add_night, swap_ranks)
    picked = pick(GOOD, draft, [NIGHT, ("calendars", "nights")])
    assert picked["queues"] == draft["queues"]
    assert picked["flows"] == GOOD["flows"]
    assert picked["tiers"] == GOOD["tiers"]


def test_a_whole_part_can_be_ticked_as_one() -> None:
    draft = after(add_night, swap_ranks)
    assert pick(GOOD, draft, [("tiers", "")])["tiers"] == draft["tiers"]
    assert pick(GOOD, draft, [("tiers", "")])["queues"] == GOOD["queues"]


def test_every_part_that_is_told_can_be_picked() -> None:
    everything = {part for part, _key in changed(None, after(tell_somebody))}
    assert everything == set(PARTS)
