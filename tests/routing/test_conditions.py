"""What conditions mean, operator by operator."""

from typing import Any

import pytest

from contactcenter.foundation.values import Value
from routing.conditions import OPERATORS, ConditionError, check, matches, parse

WEEK = {"days": [0, 1, 2, 3, 4], "from": "09:00", "until": "18:00"}
NIGHT = {"days": [4], "from": "22:00", "until": "06:00"}
MANY = ["gold", "platinum"]


def holds(operator: str, value: Any, seen: Value | None) -> bool:
    condition = {"variable": "x", "operator": operator, "value": value}
    return matches(parse([[condition]]), {} if seen is None else {"x": seen})


@pytest.mark.parametrize(
    ("operator", "value", "seen", "expected"),
    [
        pytest.param("is", "gold", "gold", True, id="is the same text"),
        pytest.param("is", "Gold", " gold".strip(), True, id="case makes no difference"),
        pytest.param("is", "gold", "silver", False, id="is another text"),
        pytest.param("is", "gold", None, False, id="a missing variable is nothing"),
        pytest.param("is", True, True, True, id="is yes"),
        pytest.param("is", 1, True, False, id="a boolean is not a number"),
        pytest.param("is", True, 1, False, id="a number is not a boolean"),
        pytest.param("is_not", "gold", "silver", True, id="is not"),
        pytest.param("is_not", "gold", "GOLD", False, id="is not, whatever the case"),
        pytest.param("is_not", "gold", None, False, id="is not: known callers only"),
        pytest.param("is_not", 3, "gold", False, id="is not of another type"),
        pytest.param("is_one_of", MANY, "Platinum", True, id="is one of"),
        pytest.param("is_one_of", MANY, "silver", False, id="is not among them"),
        pytest.param("is_one_of", [1, 2], True, False, id="a boolean is not among numbers"),
        pytest.param("is_one_of", MANY, None, False, id="missing is not among them"),
        pytest.param("is_none_of", MANY, "silver", True, id="is none of"),
        pytest.param("is_none_of", MANY, "gold", False, id="is one of those excluded"),
        pytest.param("is_none_of", MANY, None, False, id="is none of: known callers only"),
        pytest.param("is_none_of", [3, 4], "gold", False, id="is none of another type"),
        pytest.param("is_none_of", [3, "silver"], "gold", True, id="is none of a list that has some of its type"),
        pytest.param("at_least", 10, 10, True, id="at least includes its bound"),
        pytest.param("at_least", 10, 9, False, id="just below the bound"),
        pytest.param("at_least", 10, "10", False, id="text is no number"),
        pytest.param("at_least", 1, True, False, id="yes is not at least 1"),
        pytest.param("at_most", 10, 10, True, id="at most includes its bound"),
        pytest.param("at_most", 10, 11, False, id="just above the bound"),
        pytest.param("between", [5, 10], 5, True, id="between includes the lowest"),
        pytest.param("between", [5, 10], 10, True, id="between includes the highest"),
        pytest.param("between", [5, 10], 11, False, id="outside"),
        pytest.param("between", ["2026-01-01", "2026-12-31"], "2026-06-30", True, id="between two dates"),
        pytest.param("between", [5, 10], "7", False, id="between numbers is no text"),
        pytest.param("is_known", None, "", True, id="known though empty"),
        pytest.param("is_known", None, None, False, id="missing is not known"),
        pytest.param("is_unknown", None, None, True, id="missing is unknown"),
        pytest.param("is_unknown", None, 0, False, id="zero is known"),
        pytest.param("starts_with", "+39", "+390255", True, id="starts with"),
        pytest.param("starts_with", "+39", 39, False, id="a number starts with nothing"),
        pytest.param("starts_with", 39, 39, False, id="nor with a number"),
        pytest.param("contains", "busi", "Business plan", True, id="contains"),
        pytest.param("contains", "busi", None, False, id="missing contains nothing"),
        pytest.param("within_window", WEEK, "0 09:00", True, id="window includes its beginning"),
        pytest.param("within_window", WEEK, "4 17:59", True, id="last minute of the window"),
        pytest.param("within_window", WEEK, "4 18:00", False, id="window excludes its end"),
        pytest.param("within_window", WEEK, "6 10:00", False, id="another day"),
        pytest.param("within_window", NIGHT, "4 23:00", True, id="night, before midnight"),
        pytest.param("within_window", NIGHT, "5 05:59", True, id="night, after midnight, belongs to the day before"),
        pytest.param("within_window", NIGHT, "4 05:00", False, id="the night before began on another day"),
        pytest.param("within_window", WEEK, None, False, id="no time known"),
    ],
)
def test_a_condition_holds(operator: str, value: Any, seen: Value | None, expected: bool) -> None:
    assert holds(operator, value, seen) is expected


def test_every_operator_survives_every_value() -> None:
    samples: dict[str, Any] = {"none": None, "one": "a", "many": ["a"], "two": ["a", "b"], "window": WEEK}
    for name, operator in OPERATORS.items():
        for seen in ("", "a", 0, 1.5, True, "9 99:99", None):
            assert holds(name, samples[operator.operand], seen) in (True, False)


def test_no_group_takes_everybody_and_one_full_group_is_enough() -> None:
    gold = {"variable": "tier", "operator": "is", "value": "gold"}
    rich = {"variable": "value", "operator": "at_least", "value": 100}
    assert matches(parse([]), {})
    assert matches(parse([[gold, rich], [rich]]), {"value": 100})
    assert not matches(parse([[gold, rich]]), {"value": 100})


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        pytest.param("gold", "list", id="not a list"),
        pytest.param([[]], "Group 1", id="an empty group"),
        pytest.param([["x"]], "variable", id="a row that is no object"),
        pytest.param([[{"operator": "is", "value": 1}]], "variable", id="no variable"),
        pytest.param([[{"variable": "x", "operator": "regex", "value": 1}]], "regex", id="an unknown operator"),
        pytest.param([[{"variable": "x", "operator": "is"}]], "value", id="no value"),
        pytest.param([[{"variable": "x", "operator": "is_one_of", "value": []}]], "values", id="an empty list"),
        pytest.param([[{"variable": "x", "operator": "between", "value": [3]}]], "highest", id="one bound"),
        pytest.param([[{"variable": "x", "operator": "between", "value": [3, 1]}]], "above", id="bounds reversed"),
        pytest.param(
            [[{"variable": "x", "operator": "between", "value": [3, "a"]}]], "above", id="bounds of two types"
        ),
        pytest.param(
            [
                [
                    {
                        "variable": "x",
                        "operator": "within_window",
                        "value": {"days": [], "from": "09:00", "until": "10:00"},
                    }
                ]
            ],
            "day",
            id="no day",
        ),
        pytest.param(
            [[{"variable": "x", "operator": "within_window", "value": {"days": [1], "from": "9", "until": "25:00"}}]],
            "times",
            id="no time of day",
        ),
        pytest.param([[{"variable": "x", "operator": "is", "value": "y" * 201}]], "value", id="a very long value"),
        pytest.param([[{"variable": "x", "operator": "is", "value": {}}]], "value", id="a nested value"),
    ],
)
def test_conditions_that_cannot_be_evaluated_are_refused_with_the_place(raw: Any, word: str) -> None:
    with pytest.raises(ConditionError, match=word):
        parse(raw)


@pytest.mark.parametrize(
    ("operator", "value", "kind", "fits"),
    [
        pytest.param("at_least", 10, "number", True, id="a size of a number"),
        pytest.param("at_least", 10, "text", False, id="a size of a text"),
        pytest.param("is", "ten", "number", False, id="a word for a number"),
        pytest.param("is", True, "yes_no", True, id="yes for yes or no"),
        pytest.param("is", "2026-13-01", "date", False, id="no such day"),
        pytest.param("contains", "a", "date", False, id="a date contains nothing"),
        pytest.param("at_least", 10.5, "money", False, id="half a cent"),
        pytest.param("within_window", WEEK, "moment", True, id="a window of moments"),
        pytest.param("within_window", WEEK, "text", False, id="a window of text"),
    ],
)
def test_conditions_are_checked_against_the_variables_type(operator: str, value: Any, kind: str, fits: bool) -> None:
    groups = parse([[{"variable": "x", "operator": operator, "value": value}]])
    assert (check(groups, {"x": kind}) == []) is fits


def test_a_variable_that_nobody_defines_is_named() -> None:
    groups = parse([[{"variable": "customer.shoe", "operator": "is_known"}]])
    assert "customer.shoe" in str(check(groups, {})[0].message)
