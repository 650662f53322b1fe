"""Conditions as lines of text, and back: what a page without JavaScript shows, and what anybody can paste. Pure.

customer.tier is_one_of gold, platinum
customer.lifetime_value between 100000, 500000
or
time.window within_window mon, tue 09:00-18:00
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from contactcenter.foundation.translating import listed
from contactcenter.foundation.values import NotOfType, read
from routing.conditions import OPERATORS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WINDOW = re.compile(r"^(?P<days>[a-z, ]*?)\s*(?P<begins>\d?\d:\d\d)\s*-\s*(?P<ends>\d?\d:\d\d)$")

Row = dict[str, Any]


def to_words(groups: list[list[Row]]) -> str:
    """One condition a line, groups parted by a line `or`."""
    return "\nor\n".join("\n".join(_line(row) for row in group) for group in groups)


def from_words(text: str) -> list[list[Row]]:
    """What the lines say, unchecked: values are text. Nothing raises; what is wrong is found by the checks."""
    groups: list[list[Row]] = [[]]
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.casefold() == "or":
            groups.append([])
        else:
            groups[-1].append(_row(line))
    return [] if groups == [[]] else groups


def typed(groups: Any, types: Mapping[str, str]) -> Any:
    """The same conditions with values of their variable's type: pages and lines give text for everything."""
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        return groups
    return [[_typed_row(row, types) if isinstance(row, dict) else row for row in group] for group in groups]


def _line(row: Row) -> str:
    operand = OPERATORS[row["operator"]].operand if row.get("operator") in OPERATORS else "one"
    return " ".join(filter(None, (str(row.get("variable", "")), str(row.get("operator", "")), _value(row, operand))))


def _value(row: Row, operand: str) -> str:
    value = row.get("value")
    if operand == "none" or value is None:
        return ""
    if operand == "window" and isinstance(value, dict):
        days = listed(DAYS[day] for day in value.get("days", ()) if day in range(7))
        return f"{days} {value.get('from', '')}-{value.get('until', '')}"
    if isinstance(value, list):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([_word(item) for item in value])
        return re.sub(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", ", ", line.getvalue())
    return _word(value)


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _row(line: str) -> Row:
    variable, operator, rest = ([*line.split(None, 2), "", ""])[:3]
    row: Row = {"variable": variable, "operator": operator}
    operand = OPERATORS[operator].operand if operator in OPERATORS else "one"
    if operand == "window":
        return row | {"value": _window(rest)}
    if operand in ("many", "two"):
        return row | {"value": _items(rest)}
    return row if operand == "none" else row | {"value": rest}


def _items(text: str) -> list[str]:
    cells = next(csv.reader([text], skipinitialspace=True), [])
    return [cell.strip() for cell in cells if cell.strip()]


def _window(text: str) -> dict[str, Any]:
    found = WINDOW.match(text.strip().casefold())
    if not found:
        return {}
    days = [DAYS.index(day) for day in re.split(r"[, ]+", found["days"].strip()) if day in DAYS]
    return {"days": sorted(set(days)), "from": found["begins"].zfill(5), "until": found["ends"].zfill(5)}


def _typed_row(row: Row, types: Mapping[str, str]) -> Row:
    kind, value = types.get(str(row.get("variable"))), row.get("value")
    operator = OPERATORS.get(str(row.get("operator")))
    if operator is None or operator.operand == "none":
        return {name: part for name, part in row.items() if name in ("variable", "operator")}
    if operator.operand == "window" or kind is None or kind not in operator.types:
        return row
    return row | {"value": list(_typed_items(value, kind)) if isinstance(value, list) else _typed_value(value, kind)}


def _typed_items(values: list[Any], kind: str) -> Iterator[Any]:
    return (_typed_value(value, kind) for value in values)


def _typed_value(value: Any, kind: str) -> Any:
    try:
        return read(value, kind)
    except NotOfType:
        return value  # left for the check, which names the row
