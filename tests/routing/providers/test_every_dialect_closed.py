"""What callers of a closed or full queue hear at each provider: an announcement, a mailbox, or the busy tone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.providers.lines import Line

NEVER = {"name": "Never", "time_zone": "Europe/Rome", "hours": [], "exceptions": []}
CLOSED = {"calendar": "never"}
FULL = {"max_waiting": 3}
AT_A_NUMBER = {"voice_kind": "phone", "voice_address": "+390299900000"}
OTHERWISE = "sip:8001@pbx.example.net"


@pytest.mark.parametrize(
    ("fields", "does", "address"),
    [
        pytest.param(
            CLOSED | {"when_closed": "announce", "closed_address": "9001"}, "dial", "sip:9001@pbx.example.net",
            id="closed: an announcement at an extension",
        ),
        pytest.param(
            CLOSED | {"when_closed": "voicemail", "closed_address": "9002"}, "dial", "sip:9002@pbx.example.net",
            id="closed: a mailbox at an extension",
        ),
        pytest.param(
            CLOSED | AT_A_NUMBER | {"when_closed": "announce", "closed_address": "+390299900001"},
            "dial", "+390299900001", id="closed: an announcement at a number, where the queue is no extension",
        ),
        pytest.param(CLOSED | {"when_closed": "reject"}, "refuse", "", id="closed: turned away"),
        pytest.param(
            FULL | {"when_full": "announce", "full_address": "9003"}, "dial", "sip:9003@pbx.example.net",
            id="full: an announcement at an extension",
        ),
        pytest.param(
            FULL | {"when_full": "voicemail", "full_address": "9004"}, "dial", "sip:9004@pbx.example.net",
            id="full: a mailbox at an extension",
        ),
        pytest.param(FULL | {"when_full": "reject"}, "refuse", "", id="full: turned away"),
        pytest.param(FULL, "dial", "sip:8002@pbx.example.net", id="full: the overflow queue, as nothing else is said"),
    ],
)  # fmt: skip
def test_a_caller_hears(line: Line, fields: dict[str, Any], does: str, address: str) -> None:
    document = live_folder.demo_document()
    document["calendars"]["never"] = NEVER
    document["queues"]["vip"] |= fields
    waiting = {"queue": "vip", "statistics": {"waiting": 3}, "as_of": datetime.now(UTC).isoformat()}
    line.server.change(document=document, state={"queue:vip": waiting})
    said = line.call(GOLD)
    if does == "refuse":
        assert said.does in ("reject", "end")
    else:
        assert (said.does, said.address) == (does, address)


def test_an_open_queue_with_room_is_dialled_as_ever(line: Line) -> None:
    document = live_folder.demo_document()
    document["queues"]["vip"] |= FULL | {"when_closed": "reject", "when_full": "reject"}
    line.server.change(document=document)
    assert line.call(GOLD).address == OTHERWISE
