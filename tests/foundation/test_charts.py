"""Charts: where things lie, what is refused, and that everybody can read them."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string

from contactcenter.foundation.charts import (
    BARS,
    BOTTOM,
    LEFT,
    LETTER,
    LINES,
    STACKED,
    TOP,
    WIDTH,
    Chart,
    Here,
    Level,
    Plot,
    Series,
    draw,
    ticks,
)

DAYS = ["Mon", "Tue", "Wed", "Thu"]


def chart(kind: str = LINES, *values: Sequence[float | None], **options: Any) -> Chart:
    series = [Series(f"Series {number}", list(each)) for number, each in enumerate(values, 1)]
    return draw(Plot(**{"name": "c", "title": "Calls", "kind": kind, "labels": DAYS, "series": series, **options}))


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        pytest.param(0, [0, 1], id="nothing at all"),
        pytest.param(3, [0, 1, 2, 3], id="a few"),
        pytest.param(12, [0, 5, 10, 15], id="just beyond a step"),
        pytest.param(100, [0, 20, 40, 60, 80, 100], id="per cent"),
        pytest.param(1234, [0, 500, 1000, 1500], id="thousands"),
        pytest.param(0.03, [0, 0.01, 0.02, 0.03], id="hundredths"),
    ],
)
def test_the_scale_has_round_steps_and_holds_the_highest_value(highest: float, expected: list[float]) -> None:
    assert ticks(highest) == expected


def test_what_is_not_known_is_a_gap_and_not_zero() -> None:
    drawn = chart(LINES, [5, None, 10, 10]).drawn[0]
    assert [len(piece.split()) for piece in drawn.pieces] == [1, 2]
    assert len(drawn.marks) == 3
    assert chart(LINES, [5, None, 10, 10], unknown="not reported").table[1] == ("Tue", ["not reported"])


def test_the_highest_value_reaches_the_top_and_zero_the_bottom() -> None:
    low, high = chart(LINES, [0, 10, 0, 0]).drawn[0].marks[:2]
    assert (low.y, high.y) == (BOTTOM, TOP)


def test_stacked_bars_stand_on_each_other() -> None:
    first, second = chart(STACKED, [4, 0, 2, 1], [6, 3, None, 1]).drawn
    assert first.bars[0].y == second.bars[0].y + second.bars[0].height
    assert second.bars[1].y + second.bars[1].height == BOTTOM, "nothing is below it"
    assert (len(first.bars), len(second.bars)) == (3, 3)


def test_bars_of_one_label_stand_side_by_side() -> None:
    first, second = chart(BARS, [4, 1, 2, 1], [6, 3, 2, 1]).drawn
    assert second.bars[0].x == pytest.approx(first.bars[0].x + first.bars[0].width, abs=0.2)


@pytest.mark.parametrize("kind", [LINES, BARS, STACKED])
def test_on_a_page_from_right_to_left_the_picture_is_its_mirror_image(kind: str) -> None:
    options = {"level": Level("Target", 8), "here": Here("today", 1)}
    there, back = (chart(kind, [4, 1, 2, 1], is_mirrored=mirrored, **options) for mirrored in (False, True))
    for one, other in zip(
        [*there.columns, *there.drawn[0].bars, *there.drawn[0].marks, there.here],
        [*back.columns, *back.drawn[0].bars, *back.drawn[0].marks, back.here],
        strict=True,
    ):
        assert one is not None
        assert other is not None
        assert other.x == pytest.approx(WIDTH - one.x - one.width, abs=0.2)
        assert other.y == one.y


def test_a_target_beyond_every_value_is_in_the_picture() -> None:
    drawn = chart(LINES, [1, 2, 1, 2], level=Level("Target", 80))
    assert drawn.level is not None
    assert TOP <= drawn.level.y < BOTTOM


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param({"kind": "pie"}, "kind", id="another kind"),
        pytest.param({"series": [Series("a", [1, 2, 3])]}, "each label", id="too few values"),
        pytest.param({"series": [Series("a", [1, 2, 3, -1])]}, "from 0", id="below zero"),
        pytest.param({"series": [Series("a", [1, 2, 3, float("nan")])]}, "from 0", id="no number"),
        pytest.param({"level": Level("t", float("inf"))}, "from 0", id="an endless target"),
        pytest.param({"series": [Series("a", [1, 2, 3, 4])] * 7}, "at most 6", id="more than can be told apart"),
    ],
)
def test_what_is_no_chart_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        chart(**{"kind": LINES, "series": [Series("a", [1, 2, 3, 4])], **given})


@pytest.mark.parametrize("labels", [[f"{day} November" for day in range(1, 31)], [str(n) for n in range(400)], ["x"]])
def test_labels_have_room(labels: list[str]) -> None:
    drawn = draw(Plot("c", "Calls", LINES, labels, [Series("a", [1.0] * len(labels))]))
    places = [each.x for each in drawn.columns]
    gaps = [second - first for first, second in pairwise(places)]
    assert all(gap >= (max(map(len, labels)) + 1) * LETTER for gap in gaps)
    assert places[0] >= LEFT


def test_nothing_to_draw_is_drawn_empty() -> None:
    empty = draw(Plot("c", "Calls", STACKED, [], []))
    assert (empty.columns, empty.drawn, empty.table) == ([], [], [])


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("kind", [LINES, BARS, STACKED])
def test_the_picture_is_readable_without_eyes_colours_styles_and_scripts(kind: str) -> None:
    plot = Plot(
        "by-day", "Calls <by day>", kind, DAYS, [Series("Gold <b>", [1.5, None, 3, 4]), Series("Silver", [1, 2, 3, 4])],
        level=Level("Target", 3), here=Here("today", 2), say=lambda value: f"{value:.1f} s",
    )  # fmt: skip
    html = render_to_string("foundation/chart.html", {"chart": draw(plot)})
    page = Tags(html)
    pictures = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
    ids = {attrs.get("id") for _tag, attrs in page.tags}
    assert len(pictures) == 1
    assert set((pictures[0]["aria-labelledby"] or "").split()) <= ids
    assert not [attrs for _tag, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert "script" not in {tag for tag, _attrs in page.tags}
    assert "Calls &lt;by day&gt;" in html
    assert "<b>" not in html
    cells = re.findall(r"<td>(.*?)</td>", html)
    assert cells == ["1.5 s", "1.0 s", "–", "2.0 s", "3.0 s", "3.0 s", "4.0 s", "4.0 s"]
