"""A flow as a picture: it says what the flow does, nothing overlaps, and it can be read from right to left."""

from itertools import combinations
from typing import Any

import pytest

from routing import picture
from routing.picture.layout import Box, Picture
from routing.picture.story import Story
from tests.routing.documents import branch, changed, flow_of, good, is_one_of, with_branches

FLOW = "priority-customers"


def story(document: dict[str, Any] | None = None, **further: Any) -> Story:
    return picture.tell(document or good(), FLOW, **further)


def with_many_branches(count: int) -> dict[str, Any]:
    return with_branches(*[branch(f"b{n}", f"Branch {n}", "vip", is_one_of("gold")) for n in range(count)])


STORIES = [
    pytest.param(story(), id="the usual one"),
    pytest.param(story(with_many_branches(40)), id="forty branches"),
    pytest.param(story(with_many_branches(0)), id="no branch at all"),
    pytest.param(
        story(with_branches(branch("long", "x" * 80, "vip", is_one_of(*[f"tier-{n}" for n in range(90)])))),
        id="a label without a space and ninety tiers",
    ),
]


def test_it_tells_the_flow_from_the_first_ring_to_the_queue() -> None:
    told = story()
    assert told.start.heading == "A contact comes in"
    assert [step.heading for step in told.steps] == ["Ask CRM"]
    assert [(way.who.heading, way.queue.heading) for way in told.ways] == [
        ("Gold or platinum", "VIP"),
        ("Silver", "Priority"),
        ("Everyone else", "Standard"),
    ]
    assert told.ways[0].who.lines == ("loyalty tier is one of Gold, Platinum",)
    assert told.ways[0].queue.lines[-1] == "if it cannot take them: Priority, then Standard"


def test_it_says_that_the_account_manager_is_tried_first() -> None:
    with_manager = with_branches(branch("own", "Own", "vip", [], target_kind="account_manager"))
    assert story(with_manager).ways[0].queue.lines[0] == "first the customer's account manager"


def test_it_says_when_no_number_leads_there() -> None:
    assert story(changed(lambda document: document["numbers"].clear())).start.heading == "No number leads here yet"


def test_queues_that_overflow_in_a_circle_end_it_where_it_began() -> None:
    circle = changed(lambda document: document["queues"]["standard"].update(overflow_to="vip"))
    assert story(circle).ways[0].queue.lines[-1] == "if it cannot take them: Priority, then Standard"


@pytest.mark.parametrize("told", STORIES)
@pytest.mark.parametrize("mirrored", [False, True], ids=["left to right", "right to left"])
def test_nothing_overlaps_and_nothing_leaves_the_paper(told: Story, mirrored: bool) -> None:
    for sheet in picture.lay_out(told, mirrored=mirrored):
        for one, other in combinations(sheet.boxes, 2):
            assert apart(one, other), (one.card.heading, other.card.heading)
        for box in sheet.boxes:
            assert box.x >= 0
            assert box.x + box.width <= sheet.width
            assert box.foot <= sheet.height
            assert all(len(line.words) * 7.4 <= box.width - 20 for line in box.lines)


def apart(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.foot <= other.y or other.foot <= one.y


@pytest.mark.parametrize("told", STORIES)
def test_every_arrow_ends_at_a_box(told: Story) -> None:
    for sheet in picture.lay_out(told):
        assert len(sheet.arrows) == len(sheet.boxes) - 1
        for arrow in sheet.arrows:
            assert any(ends_at(arrow.path, box) for box in sheet.boxes), arrow.path


def ends_at(path: str, box: Box) -> bool:
    start, _, end = path.replace("H", "V").partition("V")
    if "H" in path:
        return abs(float(end) - (box.x - 1)) < 0.01 and box.y <= float(start.split(",")[1]) <= box.foot
    return abs(float(end) - (box.y - 1)) < 0.01 and box.x <= float(start[1:].split(",")[0]) <= box.x + box.width


def test_from_right_to_left_it_is_its_own_mirror_image() -> None:
    for there, back in zip(picture.lay_out(story()), picture.lay_out(story(), mirrored=True), strict=True):
        assert [there.width - box.x - box.width for box in there.boxes] == [box.x for box in back.boxes]


def test_the_path_that_was_taken_is_lit_and_no_other() -> None:
    for sheet in picture.lay_out(story(taken="silver")):
        assert lit(sheet) == ["A contact comes in", "Ask CRM", "Gold or platinum", "Silver", "Priority"]
    assert lit(picture.lay_out(story(taken="last_path"))[0])[-2:] == ["Everyone else", "Standard"]
    assert lit(picture.lay_out(story())[0]) == []


def lit(sheet: Picture) -> list[str]:
    return [box.card.heading for box in sheet.boxes if box.is_lit]


def test_shares_stand_on_the_arrows_and_what_is_left_goes_down() -> None:
    told = story(shares={"gold-or-platinum": 0.2, "silver": 0.3, "last_path": 0.5})
    wide, _narrow = picture.lay_out(told)
    down = [round(arrow.share, 2) for arrow in wide.arrows if "V" in arrow.path and arrow.share is not None]
    across = [arrow.share for arrow in wide.arrows if "H" in arrow.path]
    assert (down, across) == ([1.0, 0.8, 0.5], [0.2, 0.3, 0.5])


def test_what_is_too_long_for_a_box_ends_in_an_ellipsis_and_is_said_whole() -> None:
    document = good()
    flow_of(document)["branches"][0]["label"] = (
        "Everybody who ever bought anything at all from us, and their families too, always"
    )
    box = next(box for box in picture.lay_out(story(document))[1].boxes if box.kind == "branch")
    assert [line.words[-1] for line in box.lines if line.is_heading] == ["g", "…"], "two lines, the second cut"
    assert "and their families too, always" in box.card.said


def test_each_arrow_knows_whose_it_is() -> None:
    wide, _narrow = picture.lay_out(story())
    across = [arrow.card.row for arrow in wide.arrows if "H" in arrow.path]
    assert across == ["branches-0", "branches-1", "id_last_path"]
    assert next(arrow.card.heading for arrow in wide.arrows if "V" in arrow.path) == "Ask CRM"


def test_numbers_with_long_names_leave_room_for_how_many_there_are() -> None:
    document = good()
    number = document["numbers"]["voice:+390212345678"] | {"label": "Service hotline of the whole of Northern Italy"}
    document["numbers"] |= {f"voice:+39021234{n}": number for n in range(5)}
    start = picture.lay_out(story(document))[1].boxes[0]
    assert start.lines[-1].words.startswith("and ")
