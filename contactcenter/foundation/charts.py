"""Charts that the server draws: where each line, bar and label lies. Pure; a template only writes it down.

    chart = draw(Plot("by-day", "Service level by day", LINES, days, [Series("Gold", [81.0, None, 79.5])]))

    <link rel="stylesheet" href="{% static "portal/charts.css" %}">
    {% include "foundation/chart.html" with chart=chart %}

The picture has a title, a description and a table with the same numbers. A series is known by its dashes, marks or
hatching as well as by its colour. On pages that run from right to left, so does the picture.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, isfinite, log10

LINES, BARS, STACKED = "lines", "bars", "stacked"
"""A line for each series; bars side by side; bars on top of each other."""

WIDTH, HEIGHT = 480, 248
LEFT, RIGHT, TOP, BOTTOM = 52, 472, 24, 208
"""The plot within the picture: its labels stand left of it and below."""

MOST_SERIES = 6
"""So many can be told apart; whoever has more puts the small ones together."""

MOST_MARKED = 62
"""Beyond so many points a line has no marks: they would hide it."""

TICKS = 5
LETTER = 8
"""Width of a letter in a small picture, where letters are large."""

MARKS = (
    "M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0z",
    "M-2.7,-2.7h5.4v5.4h-5.4z",
    "M0,-3.8l3.6,6.4h-7.2z",
    "M0,-4l4,4l-4,4l-4,-4z",
    "M0,3.8l3.6,-6.4h-7.2z",
    "M-3.6,-1.2h2.4v-2.4h2.4v2.4h2.4v2.4h-2.4v2.4h-2.4v-2.4h-2.4z",
)
"""Circle, square, triangle, diamond, triangle upside down, cross: around 0,0."""


def plain(value: float) -> str:
    """A value as a machine writes it; a page passes what its readers are used to."""
    return f"{value:g}"


@dataclass(frozen=True)
class Series:
    """A name and a value for each label; None where nothing is known: a gap, not a zero."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Level:
    """A line across the picture at a value, such as a target."""

    name: str
    value: float


@dataclass(frozen=True)
class Here:
    """A line up the picture at a label, such as what is set today. `place` counts labels from 0, also between two."""

    name: str
    place: float


@dataclass(frozen=True)
class Plot:
    """What is to be drawn. `name` is unique on its page; `top` is the end of the scale, where it is not the data's."""

    name: str
    title: str
    kind: str
    labels: Sequence[str]
    series: Sequence[Series]
    description: str = ""
    x_title: str = ""
    y_title: str = ""
    top: float | None = None
    level: Level | None = None
    here: Here | None = None
    say: Callable[[float], str] = plain
    unknown: str = "–"
    is_mirrored: bool = False


@dataclass(frozen=True)
class Spot:
    """A place in the picture and its words: a label, a mark (`x`, `y` is its middle), or a bar with its size."""

    x: float
    y: float
    words: str
    width: float = 0
    height: float = 0


@dataclass(frozen=True)
class Drawn:
    """One series: the pieces of its line as points, its bars, its marks. Its `number`, from 1, says how it looks."""

    number: int
    name: str
    mark: str
    pieces: Sequence[str]
    bars: Sequence[Spot]
    marks: Sequence[Spot]


@dataclass(frozen=True)
class Chart:
    """A picture ready to be written down; its plot begins at `left`."""

    plot: Plot
    left: float
    rows: Sequence[Spot]
    columns: Sequence[Spot]
    drawn: Sequence[Drawn]
    level: Spot | None
    here: Spot | None
    table: Sequence[tuple[str, Sequence[str]]]
    width: int = RIGHT - LEFT
    top: int = TOP
    bottom: int = BOTTOM
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"


def draw(plot: Plot) -> Chart:
    """Lay `plot` out. Raises ValueError for what is no chart: too many series, other lengths, values below zero."""
    _check(plot)
    scale = ticks(_highest(plot) if plot.top is None else plot.top)
    paper = _Paper(plot, scale[-1])
    return Chart(
        plot,
        paper.side(LEFT, RIGHT - LEFT),
        rows=[Spot(paper.side(LEFT), paper.up(value), plot.say(value)) for value in scale],
        columns=[Spot(paper.across(place), BOTTOM, plot.labels[place]) for place in _shown(plot.labels)],
        drawn=[paper.drawn(number, series) for number, series in enumerate(plot.series)],
        level=Spot(paper.side(RIGHT), paper.up(plot.level.value), plot.level.name) if plot.level else None,
        here=Spot(paper.across(plot.here.place), TOP, plot.here.name) if plot.here else None,
        table=[
            (label, [paper.said(series.values[place]) for series in plot.series])
            for place, label in enumerate(plot.labels)
        ],
    )


def ticks(highest: float) -> list[float]:
    """Round values from 0 to `highest` or just beyond it: steps of 1, 2 or 5 and zeros."""
    rough = (highest or 1) / TICKS
    ten = 10 ** floor(log10(rough))
    step = next(ten * round_one for round_one in (1, 2, 5, 10) if ten * round_one >= rough * 0.999)
    return [round(step * number, 10) for number in range(ceil(highest / step - 1e-9) + 1 or 2)] if highest else [0, 1]


def _check(plot: Plot) -> None:
    if plot.kind not in (LINES, BARS, STACKED):
        raise ValueError(f"no such kind of chart: {plot.kind}")
    if len(plot.series) > MOST_SERIES:
        raise ValueError(f"a chart shows at most {MOST_SERIES} series")
    if any(len(series.values) != len(plot.labels) for series in plot.series):
        raise ValueError("a series has a value for each label")
    values = [value for series in plot.series for value in series.values if value is not None]
    levels = [plot.top or 0, plot.level.value if plot.level else 0]
    if any(not isfinite(value) or value < 0 for value in [*values, *levels]):
        raise ValueError("a chart shows numbers from 0 on")


def _highest(plot: Plot) -> float:
    by_label = zip(*[[value or 0 for value in series.values] for series in plot.series], strict=True)
    together = sum if plot.kind == STACKED else max
    highest = max([together(values) for values in by_label], default=0)
    return max(highest, plot.level.value if plot.level else 0)


def _shown(labels: Sequence[str]) -> range:
    """The labels that there is room for, evenly spread."""
    longest = max([len(label) for label in labels], default=0)
    fit = max(1, floor((RIGHT - LEFT) / ((longest + 2) * LETTER)))
    return range(0, len(labels), max(1, ceil(len(labels) / fit)))


@dataclass(frozen=True)
class _Paper:
    """The scales of a plot, up to `top`."""

    plot: Plot
    top: float

    @property
    def slot(self) -> float:
        """Width of what belongs to one label."""
        return (RIGHT - LEFT) / max(1, len(self.plot.labels))

    def side(self, x: float, width: float = 0) -> float:
        return round(WIDTH - x - width if self.plot.is_mirrored else x, 1)

    def across(self, place: float) -> float:
        return self.side(LEFT + (place + 0.5) * self.slot)

    def up(self, value: float) -> float:
        return round(BOTTOM - min(value / self.top, 1) * (BOTTOM - TOP), 1)

    def said(self, value: float | None) -> str:
        return self.plot.unknown if value is None else self.plot.say(value)

    def drawn(self, number: int, series: Series) -> Drawn:
        is_line = self.plot.kind == LINES
        marks = list(self.marks(series)) if is_line else []
        return Drawn(
            number + 1,
            series.name,
            MARKS[number],
            pieces=self.pieces(series) if is_line else [],
            bars=[] if is_line else list(self.bars(number, series)),
            marks=marks if len(marks) <= MOST_MARKED else [],
        )

    def pieces(self, series: Series) -> list[str]:
        """The line as runs of neighbours that are known."""
        places = list(enumerate(series.values))
        return [
            " ".join(f"{self.across(place)},{self.up(value)}" for place, value in run if value is not None)
            for is_known, run in groupby(places, key=lambda each: each[1] is not None)
            if is_known
        ]

    def marks(self, series: Series) -> Iterator[Spot]:
        for place, value in enumerate(series.values):
            if value is not None:
                yield Spot(self.across(place), self.up(value), self.words(series, place))

    def bars(self, number: int, series: Series) -> Iterator[Spot]:
        stacked = self.plot.kind == STACKED
        side_by_side = 1 if stacked else len(self.plot.series)
        width = round(self.slot * 0.8 / side_by_side, 1)
        for place, value in enumerate(series.values):
            if value:
                x = LEFT + place * self.slot + self.slot * 0.1 + (0 if stacked else number * width)
                below = sum(each.values[place] or 0 for each in self.plot.series[:number]) if stacked else 0
                foot, head = self.up(below), self.up(below + value)
                yield Spot(self.side(x, width), head, self.words(series, place), width, round(foot - head, 1))

    def words(self, series: Series, place: int) -> str:
        return f"{self.plot.labels[place]} · {series.name}: {self.said(series.values[place])}"
