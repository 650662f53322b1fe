"""The worked examples of docs/queues.md come out as they are written."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queues.estimating import Line, estimated_wait_s
from queues.staffing import Centre
from queues.waiting import Load
from queues.waiting_by_class import Callers, Outcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "queues.md"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
Row = dict[str, str]


def rows(first_heading: str, *others: str) -> list[Row]:
    """The table of the page whose heading begins with these cells."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    heading = "| " + " | ".join([first_heading, *others])
    (start,) = [number for number, line in enumerate(lines) if line.startswith(heading)]
    names = cells(lines[start])
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append(dict(zip(names, cells(line), strict=True)))
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|\n").split("|")]


def group(table: list[Row], key: Callable[[Row], str]) -> list[list[Row]]:
    """Rows that are of one centre."""
    return [[row for row in table if key(row) == name] for name in dict.fromkeys(map(key, table))]


def callers(row: Row) -> Callers:
    hang_up = row.get("callers hang up after", "never")
    patience_s = None if hang_up == "never" else float(hang_up.removesuffix(" s"))
    return Callers(Load(float(row["calls"]), 300, patience_s), int(row["class"]), float(row.get("head start", "0")))


def in_words(outcome: Outcome) -> Row:
    return {
        "in time": f"{outcome.in_time:.0%}".replace("%", " %"),
        "average wait": f"{outcome.asa_s:.0f} s",
        "95 of 100 wait at most": f"{outcome.slowest_s:.0f} s",
    }


@pytest.mark.parametrize(
    ("table", "centre", "agents"),
    [
        pytest.param(rows("way", "agents", "tier"), lambda row: row["way"] + row["agents"], None, id="one line or two"),
        pytest.param(
            rows("rule", "callers hang up after"),
            lambda row: row["rule"] + row["callers hang up after"],
            18,
            id="what going first costs the others",
        ),
    ],
)
def test_waits_are_as_written(table: list[Row], centre: Callable[[Row], str], agents: int | None) -> None:
    assert len(table) >= 7
    for together in group(table, centre):
        found = Centre([callers(row) for row in together], 20).served_by(agents or int(together[0]["agents"]))
        for row, outcome in zip(together, found, strict=True):
            said = in_words(outcome)
            assert {name: row[name] for name in said if name in row} == {
                name: said[name] for name in said if name in row
            }


def test_agents_needed_are_as_written() -> None:
    for together in group(rows("callers hang up after", "tier"), lambda row: row["callers hang up after"]):
        centre = Centre([callers(row) for row in together], 20)
        assert [centre.agents_for(kind, 90) for kind in range(3)] == [int(row["agents needed"]) for row in together]


def test_estimates_are_as_written() -> None:
    table = rows("reported", "estimate")
    assert len(table) == 5
    for row in table:
        seconds = estimated_wait_s(Line("standard", 3, NOW, json.loads(row["reported"].strip("`"))), [], [])
        assert row["estimate"] == ("unknown" if seconds is None else f"{seconds} s")
