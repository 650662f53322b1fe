"""What counts as a field that has suddenly become empty: only what a customer holds and would lose."""

from typing import Any

import pytest

from customers.models import Customer
from customers.records import Wanted, emptied


@pytest.mark.parametrize(
    ("wanted", "lost"),
    [
        pytest.param(Wanted({"plan": "plus"}), [], id="nothing, when it is another value"),
        pytest.param(Wanted({"plan": ""}), ["plan"], id="a field that the CRM calls otherwise now"),
        pytest.param(Wanted({"lifetime_value": None}), ["lifetime_value"], id="a number that is gone"),
        pytest.param(Wanted({"lifetime_value": 0}), [], id="nothing, when a number becomes nought"),
        pytest.param(Wanted({}), [], id="nothing, when the mapping does not name the field any more"),
        pytest.param(Wanted({"category": ""}), [], id="nothing, when the mapping names a field that was empty anyway"),
        pytest.param(Wanted(attributes={"score": None}), ["attribute:score"], id="an attribute"),
        pytest.param(Wanted(attributes={"other": None}), [], id="nothing, for an attribute he never had"),
        pytest.param(Wanted(handles={"phone": []}), ["handle:phone"], id="his only telephone numbers"),
        pytest.param(Wanted(handles={"email": []}), [], id="nothing, for a kind of address he never had"),
        pytest.param(Wanted(handles={"phone": ["+390255501001"]}), [], id="nothing, when his number is another"),
    ],
)
def test_becomes_empty(wanted: Wanted, lost: list[Any]) -> None:
    customer = Customer(plan="gold", lifetime_value=5, attributes={"score": 3})
    assert list(emptied(customer, {"phone"}, wanted)) == lost
