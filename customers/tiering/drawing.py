"""Where things lie in the picture of a value curve. Pure; the template only writes it down.

Customers run from the best to the last along the bottom, the share of the value they bring up the side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEFT, TOP, WIDTH, HEIGHT = 44, 12, 340, 210
"""The plot within a picture of 400 x 268."""

STEPS = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Mark:
    """A place on the curve with its number, which a row of the table repeats."""

    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    """A polyline's points, lines of the grid as (percent, position), and marks."""

    line: str
    columns: Sequence[tuple[int, float]]
    rows: Sequence[tuple[int, float]]
    marks: Sequence[Mark]


def picture(curve: Iterable[tuple[float, float]], marks: Iterable[tuple[float, float]]) -> Picture:
    """`curve` and `marks` as (share of the customers, share of the value), each 0 to 1."""
    path = " ".join(f"{across(x)},{up(y)}" for x, y in [(0.0, 0.0), *curve])
    return Picture(
        path,
        [(percent, across(percent / 100)) for percent in STEPS],
        [(percent, up(percent / 100)) for percent in STEPS],
        [Mark(number, across(x), up(y)) for number, (x, y) in enumerate(marks, 1)],
    )


def across(share: float) -> float:
    """From the left edge of the picture."""
    return round(LEFT + share * WIDTH, 1)


def up(share: float) -> float:
    """From the top edge of the picture."""
    return round(TOP + (1 - share) * HEIGHT, 1)
