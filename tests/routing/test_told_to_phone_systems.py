"""What a phone system is told with a call: priority, skills, and headers of the queue's own."""

from typing import Any

import pytest

from routing.answers import Dial, routes
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer

OWN = "X-CC-Language: {customer.language}\nX-CC-Rank: {tier}:{priority_class}\nX-CC-Line: milan"


def asked(server: DecideServer, system: dict[str, Any] | None = None, **queue: Any) -> dict[str, Any]:
    """The answer to a gold caller who speaks Italian, for a VIP queue and a phone system with these fields."""
    document = live_folder.demo_document()
    document["phone_systems"]["pbx"] |= system or {}
    document["queues"]["vip"] |= queue
    person = live_folder.person(1, tier="gold") | {"language": "it"}
    server.change(document=document, facts={f"phone:{GOLD}": person})
    return server.ask(GOLD)


def test_skills_reach_the_answer_and_every_host_of_the_queue(decide_server: DecideServer) -> None:
    answer = asked(decide_server, {"hosts": ["a.example.net", "b.example.net"]}, skills="italian,billing")
    assert answer["skills"] == answer["headers"]["X-Skills"] == "italian:billing"
    told = ["X-Skills" in route["headers"]["extra"] for route in answer["routes"]]
    assert told == [True, True, False, False]  # the overflow asks for none


def test_a_queue_may_have_headers_of_its_own(decide_server: DecideServer) -> None:
    headers = asked(decide_server, headers=OWN)["headers"]
    own = {name: value for name, value in headers.items() if name.startswith("X-CC-")}
    assert own == {"X-CC-Language": "it", "X-CC-Rank": "gold:1", "X-CC-Line": "milan"}


def test_without_skills_and_headers_nothing_is_different(decide_server: DecideServer) -> None:
    answer = asked(decide_server)
    assert list(answer["headers"]) == ["X-Queue", "X-Priority", "X-Customer-Tier", "X-Decision-Id"]
    assert "skills" not in answer


@pytest.mark.parametrize(
    ("system", "priority"),
    [
        pytest.param({}, "20", id="an Asterisk as usual"),
        pytest.param({"learns_by": "base_score"}, "300", id="told by its base score"),
        pytest.param({"learns_by": "address"}, None, id="told nothing but the address"),
        pytest.param({"kind": "threecx"}, None, id="a 3CX as usual"),
        pytest.param({"kind": "threecx", "learns_by": "header"}, "20", id="a 3CX that reads headers"),
        pytest.param({"learns_by": "telepathy"}, "20", id="a way of a later version: as is usual"),
    ],
)
def test_priority_is_told_in_the_way_of_the_phone_system(
    decide_server: DecideServer, system: dict[str, Any], priority: str | None
) -> None:
    headers = asked(decide_server, system, skills="italian")["headers"]
    assert headers.get("X-Priority") == priority
    assert ("X-Skills" in headers) == (priority is not None)
    assert headers["X-Queue"] == "vip"


@pytest.mark.parametrize(
    ("length", "dialled"),
    [
        pytest.param(100, ["vip@a", "vip@b", "priority@a", "priority@b"], id="two hosts of each target"),
        pytest.param(400, ["vip@a", "priority@a"], id="one of each, never the overflow left out, where it grows long"),
    ],
)
def test_routes_name_as_many_hosts_as_fit(length: int, dialled: list[str]) -> None:
    headers = {"X-CC-Long": "l" * length}
    targets = [
        Dial(name, "sip", name, (f"{name}@a", f"{name}@b", f"{name}@c"), headers) for name in ("vip", "priority")
    ]
    assert [route["uri"] for route in routes(targets)] == dialled
