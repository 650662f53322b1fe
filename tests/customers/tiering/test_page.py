"""docs/tiers.md says what the code does."""

import re
from pathlib import Path

import pytest

from customers.models import TierChange, TierPolicy
from customers.tiering import pareto, percentile
from customers.tiering.groups import groups
from customers.tiering.rules import AT_LEAST, Rule, first_that_fits
from tests.customers.tiering.test_definitions import TEN

PAGE = (Path(__file__).resolve().parents[3] / "docs/tiers.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first heading this is."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table]


@pytest.mark.parametrize("row", rows("share"), ids=lambda row: row[0])
def test_the_worked_example(row: list[str]) -> None:
    percent, *told = row
    found: list[str] = []
    for bound_of in (percentile.bound_of, pareto.bound_of):
        bound = bound_of(groups(TEN), int(percent.rstrip(" %")))
        assert bound is not None
        size = sum(value >= bound for value in TEN)
        found += [f"{size} customer{'s' if size > 1 else ''}", str(bound)]
    assert told == found


@pytest.mark.parametrize("row", rows("now"), ids=lambda row: f"{row[0]} with {row[1]}")
def test_the_example_of_the_margin(row: list[str]) -> None:
    ranks = {"silver": 2, "gold": 3}
    rules = [Rule("v", AT_LEAST, 1000, 3, 3), Rule("v", AT_LEAST, 0, 2, 2)]
    found = first_that_fits(rules, {"v": int(row[1])}, ranks[row[0]], margin_percent=5)
    assert found is not None
    assert ranks[row[2]] == found.rank


def test_every_source_and_cause_has_its_row() -> None:
    assert {row[0] for row in rows("where the tier comes from")} == set(TierPolicy.Source.values)
    assert {row[0] for row in rows("cause")} == set(TierChange.Cause.values)


def test_the_example_brings_what_the_page_says() -> None:
    assert re.findall(r"[\d,]+", PAGE.partition("Ten customers bring ")[2].partition(":")[0].replace(",", ""))
    assert sum(TEN) == 10_000
    for value in TEN:
        assert f"{value:,}" in PAGE
