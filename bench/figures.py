"""What is measured: ratios with their rounds and goals, printed as a table and kept in a file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One ratio. `rounds` are its values in the order they were measured; `at_most` turns the goal round.

    Without a goal it is there to compare with.
    """

    name: str
    rounds: Sequence[float]
    goal: float | None
    at_most: bool = False

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.median <= self.goal if self.at_most else self.median >= self.goal


def table(figures: Sequence[Figure]) -> str:
    """The figures for people, one a line."""
    lines = [f"{'figure':<30} {'median':>7}  {'rounds':>6}  {'spread':<13} {'goal':<8} met"]
    for each in figures:
        spread = f"{min(each.rounds):.2f}-{max(each.rounds):.2f}"
        goal = "" if each.goal is None else f"{'<=' if each.at_most else '>='} {each.goal:.2f}"
        met = {True: "yes", False: "NO", None: ""}[each.met]
        lines.append(f"{each.name:<30} {each.median:>7.2f}  {len(each.rounds):>6}  {spread:<13} {goal:<8} {met}")
    return "\n".join(line.rstrip() for line in lines)


def keep(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures into the file at `path`; those of other names that lie there stay."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    for each in figures:
        rounds = [round(value, 4) for value in each.rounds]
        kept[each.name] = {"median": round(each.median, 4), "rounds": rounds, "goal": each.goal}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
