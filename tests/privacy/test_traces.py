"""An address is known again however it was spelled, and no other is taken for it."""

from typing import Any

import pytest

from customers.privacy.traces import Traces

PHONE = ("phone", "+390255501001")
GERMAN = ("phone", "+4930123456")


@pytest.mark.parametrize(
    ("address", "document", "is_his"),
    [
        pytest.param(PHONE, {"from": "+390255501001"}, True, id="as it is stored"),
        pytest.param(PHONE, {"from": "00390255501001"}, True, id="with two zeros"),
        pytest.param(PHONE, {"from": "390255501001"}, True, id="without a plus"),
        pytest.param(PHONE, {"from": "0255501001"}, True, id="as dialled in its country"),
        pytest.param(PHONE, {"from": "sip:+390255501001@carrier.example.net;user=phone"}, True, id="in a SIP address"),
        pytest.param(PHONE, {"a": [{"b": "called +390255501001 back"}]}, True, id="in a text deep inside"),
        pytest.param(PHONE, {"from": "+3902555010012"}, False, id="a longer number"),
        pytest.param(PHONE, {"from": "+1390255501001"}, False, id="a number that ends alike"),
        pytest.param(PHONE, {"from": "+490255501001"}, False, id="the same digits in another country"),
        pytest.param(PHONE, {"amount": 390255501001}, False, id="an amount"),
        pytest.param(GERMAN, {"from": "030123456"}, True, id="with its trunk zero"),
        pytest.param(("email", "m.r@example.com"), {"crm.email": "M.R@Example.com"}, True, id="e-mail in capitals"),
        pytest.param(("email", "m.r@example.com"), {"x": "<m.r@example.com>"}, True, id="e-mail in brackets"),
        pytest.param(("email", "r@example.com"), {"x": "m.r@example.com"}, False, id="e-mail that ends alike"),
        pytest.param(("customer_no", "KD-77120"), {"x": "kd-77120"}, True, id="customer number in small letters"),
        pytest.param(("customer_no", "KD-77120"), {"x": "KD-771201"}, False, id="longer customer number"),
        pytest.param(("customer_no", "7"), {"call.context.customer_no": 7}, True, id="short one where it is called so"),
        pytest.param(("customer_no", "7"), {"customer.purchases": 7, "x": "7"}, False, id="short one anywhere else"),
        pytest.param(("instagram", "mario.r"), {"sender": "mario.r"}, True, id="an id of a platform"),
        pytest.param(PHONE, {}, False, id="nothing"),
    ],
)
def test_a_trace_is_known_again(address: tuple[str, str], document: Any, is_his: bool) -> None:
    assert Traces([address]).in_document(document) is is_his


@pytest.mark.parametrize(("address", "needle"), [(PHONE, "0255501001"), (GERMAN, "30123456")])
def test_the_needle_is_what_all_spellings_share(address: tuple[str, str], needle: str) -> None:
    assert Traces([address]).needles == (needle,)
