"""Where each box and arrow of a flow's picture lies. Pure: a template only writes it down.

Two pictures tell the same story: one for a desk, queues beside their branches, one for a phone, queues below them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from routing.picture.story import Card, Story, Way

LETTER, BOLD, LINE, PAD = 7.4, 8.3, 19, 12
"""Widths and heights in the picture's own units; letters are 14 high."""
MOST_LINES, MOST_OF_A_HEADING = 6, 2
GAP = 44
"""Between two boxes: room for an arrow and its share."""


@dataclass(frozen=True)
class Sheet:
    """The paper: its width, and where boxes of the way and boxes of queues lie on it."""

    name: str
    width: int
    box: int
    queue_x: int
    queue_width: int
    is_beside: bool


WIDE = Sheet("wide", 760, 400, 536, 224, is_beside=True)
NARROW = Sheet("narrow", 340, 316, 52, 264, is_beside=False)


@dataclass(frozen=True)
class Text:
    """One line of a box."""

    x: float
    y: float
    words: str
    is_heading: bool


@dataclass(frozen=True)
class Box:
    """A box and the lines in it; `kind` is start, step, branch, last or queue."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    card: Card
    lines: tuple[Text, ...]
    is_lit: bool

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def foot(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Arrow:
    """A line with a point at its end, and the part of the contacts that goes along it (0 to 1).

    `card` is the box that decides who goes along it.
    """

    card: Card
    path: str
    share: float | None
    x: float
    y: float
    is_lit: bool


@dataclass(frozen=True)
class Picture:
    """Ready to be written down."""

    name: str
    width: int
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def lay_out(story: Story, *, mirrored: bool = False) -> tuple[Picture, Picture]:
    """The picture for a desk and the one for a phone; `mirrored` for those who read from right to left."""
    return _Drawing(WIDE, story, mirrored).picture(), _Drawing(NARROW, story, mirrored).picture()


class _Drawing:
    """One sheet, filled from top to bottom."""

    def __init__(self, sheet: Sheet, story: Story, mirrored: bool) -> None:
        self.sheet, self.story, self.mirrored = sheet, story, mirrored
        self.y = 2.0
        self.boxes: list[Box] = []
        self.arrows: list[Arrow] = []

    def picture(self) -> Picture:
        lit = self.story.is_lit
        before = self._box("start", self.story.start, is_lit=lit)
        self.y = before.foot
        for step in self.story.steps:
            before = self._below(before, self._put_below("step", step, is_lit=lit), None, is_lit=lit)
        left, passes = 1.0 if self._has_shares else None, lit
        for way in self.story.ways:
            kind = "last" if way is self.story.ways[-1] else "branch"
            box = self._put_below(kind, way.who, is_lit=passes)
            before = self._below(before, box, left, is_lit=passes)
            self._lead_to_queue(before, way)
            left = None if left is None else max(0.0, left - (way.share or 0))
            passes = passes and not way.is_lit
        return Picture(self.sheet.name, self.sheet.width, self.y + 4, tuple(self.boxes), tuple(self.arrows))

    @property
    def _has_shares(self) -> bool:
        return any(way.share is not None for way in self.story.ways)

    def _put_below(self, kind: str, card: Card, *, is_lit: bool) -> Box:
        self.y += GAP
        box = self._box(kind, card, is_lit=is_lit)
        self.y = box.foot
        return box

    def _below(self, above: Box, box: Box, share: float | None, *, is_lit: bool) -> Box:
        """The arrow from one box down to the next; on a phone it passes the queues at the edge."""
        x = self._side(24)
        path = f"M{x:g},{above.foot:g}V{box.y - 1:g}"
        self._arrow(box.card, path, share, 24 + 10, box.y - GAP / 2 + 5, is_lit=is_lit)
        return box

    def _lead_to_queue(self, box: Box, way: Way) -> None:
        sheet = self.sheet
        if sheet.is_beside:
            queue = self._box("queue", way.queue, is_lit=way.is_lit, y=box.y)
            self.y = max(box.foot, queue.foot)
            start, end = self._side(sheet.box), self._side(sheet.queue_x - 1)
            middle = box.y + min(box.height, queue.height) / 2
            path = f"M{start:g},{middle:g}H{end:g}"
            self._arrow(way.who, path, way.share, sheet.box + 40, middle - 8, is_lit=way.is_lit)
            return
        queue = self._box("queue", way.queue, is_lit=way.is_lit, y=box.foot + GAP)
        self.y = queue.foot
        x = sheet.queue_x + 24
        path = f"M{self._side(x):g},{box.foot:g}V{queue.y - 1:g}"
        self._arrow(way.who, path, way.share, x + 10, queue.y - GAP / 2 + 5, is_lit=way.is_lit)

    def _box(self, kind: str, card: Card, *, is_lit: bool, y: float | None = None) -> Box:
        sheet, top = self.sheet, self.y if y is None else y
        x, width = (sheet.queue_x, sheet.queue_width) if kind == "queue" else (0, sheet.box)
        written = list(_written(card, width - 2 * PAD))
        lines = tuple(
            Text(self._side(x + PAD), top + PAD + LINE * (place + 0.72), words, is_heading)
            for place, (words, is_heading) in enumerate(written)
        )
        box = Box(kind, self._side(x, width), top, width, 2 * PAD + LINE * len(lines), card, lines, is_lit)
        self.boxes.append(box)
        return box

    def _arrow(self, card: Card, path: str, share: float | None, x: float, y: float, *, is_lit: bool) -> None:
        self.arrows.append(Arrow(card, path, share, self._side(x), y, is_lit))

    def _side(self, x: float, width: float = 0) -> float:
        return self.sheet.width - x - width if self.mirrored else x


def _written(card: Card, width: float) -> Iterator[tuple[str, bool]]:
    """The lines of a box as they fit; what is too long ends in an ellipsis, and is whole in the table below."""
    for line in _fitting([card.heading], int(width / BOLD), MOST_OF_A_HEADING):
        yield line, True
    for line in _fitting(card.lines, int(width / LETTER), MOST_LINES):
        yield line, False


def _fitting(lines: Iterable[str], letters: int, most: int) -> list[str]:
    folded = [part for line in lines for part in (wrap(line, letters) if len(line) > letters else [line])]
    if len(folded) <= most:
        return folded
    return [*folded[: most - 1], f"{folded[most - 1][: letters - 2].rstrip(' ,')} …"]
