"""The bench compares like with like, and keeps what it has measured."""

import json
import socket
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from bench import asking, contact_centre, engines, obvious
from bench.client import WrongAnswer, check, read_answer
from bench.figures import Figure, keep, table
from contactcenter.foundation.values import Value
from routing.release import compile_release


def test_the_obvious_version_sends_callers_where_ours_does() -> None:
    release = compile_release(contact_centre.document(), 1)
    flow, raw = release.flows["main"], contact_centre.document()["flows"]["main"]["branches"]
    taken = set()
    for customer in range(600):
        facts = contact_centre.facts(customer)
        known: dict[str, Value] = {f"customer.{name}": value for name, value in facts.items() if name != "attributes"}
        ours = flow.index.choose(known).path.slug
        theirs = next((each["slug"] for each in raw if obvious.takes(each["conditions"], known)), "last_path")
        assert ours == theirs
        taken.add(ours)
    assert len(taken) > contact_centre.BRANCHES


def test_rule_engines_choose_the_same_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CALLERS", 300)
    index, *_ = engines.measure(rounds=1)  # raises WrongAnswer where they do not
    assert index.median > 0


def test_twilio_finds_its_signature_right() -> None:
    request = next(asking.twilio(80, 1_000, "shape"))
    head, _, body = request.decode().partition("\r\n\r\n")
    path = head.split(" ")[1]
    signature = next(line.partition(": ")[2] for line in head.splitlines() if line.startswith("X-Twilio-Signature"))
    form = dict(parse_qsl(body))
    validator = RequestValidator(contact_centre.TWILIO_SECRET)
    assert validator.validate(contact_centre.PUBLIC_URL + path, form, signature)
    assert not validator.validate(contact_centre.PUBLIC_URL + path, form | {"From": "+390200000000x"}, signature)


def test_figures_of_other_names_stay_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    keep([Figure("one", [1, 3, 2], goal=2)], path)
    keep([Figure("two", [1], goal=1)], path)
    assert json.loads(path.read_text()) == {
        "one": {"median": 2, "rounds": [1, 3, 2], "goal": 2},
        "two": {"median": 1, "rounds": [1], "goal": 1},
    }


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        pytest.param(Figure("speed", [0.6, 0.7, 0.9], goal=0.7), True, id="a speed that reaches its goal"),
        pytest.param(Figure("speed", [0.6, 0.69, 0.9], goal=0.7), False, id="a speed below its goal"),
        pytest.param(Figure("cost", [1.3], goal=1.3, at_most=True), True, id="a cost at its limit"),
        pytest.param(Figure("cost", [1.31], goal=1.3, at_most=True), False, id="a cost above its limit"),
        pytest.param(Figure("speed", [0.1], goal=None), None, id="a figure without a goal"),
    ],
)
def test_a_goal_is_met_by_the_median(figure: Figure, met: bool | None) -> None:
    assert figure.met is met
    assert table([figure]).splitlines()[1].endswith({True: "yes", False: "NO", None: "0.10-0.10"}[met])


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(b'HTTP/1.1 500 Oops\r\n\r\n{"queue":"vip"}', id="a fault"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n{}", id="an answer without a queue"),
    ],
)
def test_an_answer_that_is_no_decision_ends_the_measurement(response: bytes) -> None:
    with pytest.raises(WrongAnswer):
        check(response, asking.NATIVE.proof)


def test_an_answer_is_read_to_its_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"queue":')
        theirs.sendall(b'"vip"}')
        assert read_answer(ours).endswith(b'{"queue":"vip"}')
