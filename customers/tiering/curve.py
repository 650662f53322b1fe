"""The customers' own value curve, in SQL: which share of the customers brings which share of the value.

Says of a million customers what groups.py, percentile.py and pareto.py say of a list; a test holds one
against the other. One statement, so that they are read and sorted once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection

from customers.tiering.groups import Number, Percent
from customers.tiering.population import Query

POINTS = 200
"""At most so many points are drawn: a curve of a million customers looks the same."""

VALUE = "v0"
"""The population's column that is looked at."""

CUSTOMERS, WORTH = "customers", "worth"
"""What a share is a share of: the customers (percentile.py), or what they bring (pareto.py)."""

_TOTAL, _CUT, _POINT = range(3)


@dataclass(frozen=True)
class Share:
    """So many percent, with two decimals at most, of the customers or of what they bring."""

    of: str
    percent: Percent


@dataclass(frozen=True)
class Group:
    """The best customers: how many, and what they bring together; `bound` is the lowest value among them."""

    customers: int
    worth: Number
    bound: Number = 0


@dataclass(frozen=True)
class Curve:
    """All customers whose value is known, the group of each share (None: nobody), and points from best to last."""

    total: Group
    groups: Sequence[Group | None]
    points: Sequence[Group]


def read(population: Query, shares: Sequence[Share], points: int = 0) -> Curve:
    """The curve of `population`, cut by `shares`, with about so many points of equally many customers each."""
    parts = [_part(_TOTAL, 0, "TRUE")]
    parameters = [*population.parameters]
    for place, share in enumerate(shares):
        # In hundredths, because they are whole: the comparison is exact.
        inside = f"{VALUE} > 0 AND {share.of}_above * 10000 < all_{share.of} * %s"
        parts.append(_part(_CUT, place, inside))
        parameters.append(int(Decimal(share.percent) * 100))
    if points:
        parts.append(_part(_POINT, f"(customers * {int(points)} - 1) / all_customers", "TRUE") + " GROUP BY 2")
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_ranked(population)} {' UNION ALL '.join(parts)} ORDER BY 1, 2", parameters)
        return _curve(cursor.fetchall())


def _part(kind: int, place: int | str, condition: str) -> str:
    columns = f"{kind}, {place}, MAX(customers), MAX(worth), MIN({VALUE})"
    return f"SELECT {columns} FROM ranked CROSS JOIN totals WHERE {condition}"  # noqa: S608 - all of it is our own


def _ranked(population: Query) -> str:
    """Each value with how many have it or better (`customers`), what they bring, and the same of those above."""
    return f"""
        counted AS MATERIALIZED (
            SELECT {VALUE}, COUNT(*) AS own, SUM(CASE WHEN {VALUE} > 0 THEN {VALUE} ELSE 0 END) AS own_worth
            FROM ({population.sql}) AS population WHERE {VALUE} IS NOT NULL GROUP BY {VALUE}),
        totals AS (SELECT CAST(SUM(own) AS bigint) AS all_customers, SUM(own_worth) AS all_worth FROM counted),
        running AS (
            SELECT {VALUE}, own, own_worth, SUM(own) OVER best_first AS customers,
                   SUM(own_worth) OVER best_first AS worth
            FROM counted
            WINDOW best_first AS (ORDER BY {VALUE} DESC ROWS UNBOUNDED PRECEDING)),
        ranked AS MATERIALIZED (
            SELECT {VALUE}, CAST(customers AS bigint) AS customers, worth,
                   customers - own AS customers_above, worth - own_worth AS worth_above
            FROM running)"""  # noqa: S608 - all of it is our own


def _curve(rows: Sequence[tuple[Any, ...]]) -> Curve:
    found = {kind: [_group(*row) for each, _, *row in rows if each == kind] for kind in (_TOTAL, _CUT, _POINT)}
    total = found[_TOTAL][0] or Group(0, 0)
    return Curve(total, found[_CUT], [point for point in found[_POINT] if point])


def _group(customers: int | None, worth: Decimal | Number, bound: Decimal | Number) -> Group | None:
    return None if customers is None else Group(int(customers), _number(worth), _number(bound))


def _number(raw: Decimal | Number) -> Number:
    """A sum comes as a Decimal from PostgreSQL, whole or not."""
    return int(raw) if raw == int(raw) else float(raw)


def sizes(groups: Sequence[Group | None]) -> list[int]:
    """How many customers each group has that are not in the one before it: the groups lie in each other."""
    reached = [0]
    for group in groups:
        reached.append(max(reached[-1], group.customers if group else 0))
    return [after - before for before, after in pairwise(reached)]
