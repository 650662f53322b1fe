"""Headers of a queue's own: what may be written, and what a call makes of it."""

import pytest

from queues.header_template import LONGEST_IN_ALL, HeaderError, fill, parse

VALUES = {
    "queue": "vip",
    "tier": "gold",
    "customer.language": "it",
    "priority": 20,
    "customer.plan": "Più\r\nX-Evil: 1",
}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        pytest.param("", {}, id="none"),
        pytest.param("X-CC-Language: {customer.language}", {"X-CC-Language": "it"}, id="a variable"),
        pytest.param(
            "X-CC-Line: milan 2\n\nX-CC-Rank: {tier}:{priority}",
            {"X-CC-Line": "milan 2", "X-CC-Rank": "gold:20"},
            id="fixed words, and two variables in one",
        ),
        pytest.param("X-CC-Flow: {flow}", {}, id="left out where the variable is missing"),
        pytest.param(
            "X-CC-Plan: {customer.plan}", {"X-CC-Plan": "PiX-Evil: 1"}, id="no line break and no letter beyond ASCII"
        ),
    ],
)
def test_a_call_fills_in(text: str, filled: dict[str, str]) -> None:
    assert fill(parse(text), VALUES) == filled


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("X-Queue: vip", "shape", id="a name of ours"),
        pytest.param("Route: <sip:evil@example.net>", "shape", id="a header that leads calls elsewhere"),
        pytest.param("X-CC-Line", "shape", id="no value"),
        pytest.param("X-CC-Line: a,b", "shape", id="a sign that a dial string would split at"),
        pytest.param("X-CC-Line: {customer.language", "shape", id="a brace that nobody closes"),
        pytest.param("X-CC-Name: {customer.name}", "variable", id="who the customer is"),
        pytest.param("X-CC-A: 1\nx-cc-a: 2".replace("x-cc-a", "X-CC-a"), "twice", id="the same name twice"),
        pytest.param("\n".join(f"X-CC-{n}: 1" for n in range(5)), "many", id="more than a handful"),
        pytest.param("X-CC-" + "a" * 26 + ": 1", "shape", id="a name that is too long"),
    ],
)
def test_refused_is(text: str, code: str) -> None:
    with pytest.raises(HeaderError) as refused:
        parse(text)
    assert refused.value.code == code


def test_only_as_many_as_fit_are_sent() -> None:
    template = parse("\n".join(f"X-CC-{n}: " + "a" * 40 for n in range(4)))
    filled = fill(template, VALUES)
    assert list(filled) == ["X-CC-0", "X-CC-1"]
    assert sum(len(name) + len(value) for name, value in filled.items()) <= LONGEST_IN_ALL
