"""Addresses that cannot be said to a provider: told before they go live, and gone past by those that are live."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from queues.models import Queue
from routing import plane as plane_module
from routing import problems, publishing
from routing.models import ProviderAccount
from routing.problems import Answering, Problem
from routing.providers import DIALECTS
from tests.routing import live_folder
from tests.routing.documents import Document
from tests.routing.draft import good_draft
from tests.routing.providers.every_peer import only
from tests.routing.providers.json_peers import FreeSwitchPeer
from tests.routing.providers.lines import Line

QUEUES = "vip", "priority", "standard"
SIP = "8001@pbx.example.net", "8002@pbx.example.net", "8003@pbx.example.net"
PHONE = {"voice_kind": "phone", "voice_address": "+390299900000"}
AT_THE_PROVIDER = {"voice_kind": "provider_queue", "voice_address": "Very important"}
FULL = {"when_full": "voicemail", "full_address": "90(0)1"}
CLOSED = {"calendar": "never", "when_closed": "announce", "closed_address": "90&01"}


def document(**queues: dict[str, Any]) -> Document:
    """The demo's, with some queues otherwise. VIP overflows to Priority, that to Standard, the emergency queue."""
    found = live_folder.demo_document()
    found["calendars"]["never"] = {"name": "Never", "time_zone": "Europe/Rome", "hours": [], "exceptions": []}
    for slug, fields in queues.items():
        found["queues"][slug] |= fields
    return found


def told(dialect: str, **queues: dict[str, Any]) -> list[Problem]:
    """What is said of `queues`, each once although the number has many ways to them."""
    return told_of(document(**queues), main=dialect)


def told_of(found: Document, **dialects: str) -> list[Problem]:
    answering = {account: Answering("Trunk", DIALECTS[dialect]) for account, dialect in dialects.items()}
    return [each for each in problems.find(found, answering=answering) if "by calls of" in each.message]


@pytest.mark.parametrize(
    ("fields", "field", "address"),
    [
        *[
            pytest.param({"voice_address": f"8{sign}1"}, "voice_address", f"8{sign}1", id=f"an extension with {sign}")
            for sign in "?;&$,()'"
        ],
        pytest.param(AT_THE_PROVIDER, "voice_address", "Very important", id="a queue of FreeSWITCH with a space"),
        pytest.param(CLOSED, "closed_address", "90&01", id="what is heard while it is closed"),
        pytest.param(FULL, "full_address", "90(0)1", id="a mailbox while it is full"),
    ],
)  # fmt: skip
def test_what_freeswitch_would_read_otherwise_is_told(fields: dict[str, Any], field: str, address: str) -> None:
    [problem] = told("freeswitch", priority=fields)
    assert (problem.severity, problem.path) == (problems.ERROR, ("queues", "priority", field))
    assert problem.message == (
        "Queue “Priority” cannot be reached by calls of “Trunk”: "
        f"use only letters, digits and . _ - in “{address}”."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        pytest.param("freeswitch", {"voice_address": "a.b_c-d+1*2~3!4=5/6"}, id="signs that FreeSWITCH leaves alone"),
        pytest.param("freeswitch", AT_THE_PROVIDER | {"voice_address": "very_important"}, id="a queue without a space"),
        pytest.param("freeswitch", PHONE, id="a phone number"),
        pytest.param("freeswitch", CLOSED | {"when_closed": "overflow"}, id="an announcement that nobody is sent to"),
        pytest.param("freeswitch", PHONE | CLOSED | {"closed_address": "+390299900001"}, id="announced at a number"),
        pytest.param("twilio", {"voice_address": "80?;&$,()'01"}, id="Twilio is told addresses of any kind"),
        pytest.param("native", AT_THE_PROVIDER, id="our own JSON is read by programs"),
    ],
)
def test_what_can_be_said_is_no_problem(dialect: str, fields: dict[str, Any]) -> None:
    assert told(dialect, priority=fields) == []


@pytest.mark.parametrize("dialect", ["plivo", "vonage"])
def test_a_queue_at_a_provider_that_has_none_is_told(dialect: str) -> None:
    [problem] = told(dialect, vip=AT_THE_PROVIDER)
    assert (problem.severity, problem.path) == (problems.ERROR, ("queues", "vip", "voice_address"))
    assert problem.message == (
        "Queue “VIP” cannot be reached by calls of “Trunk”. "
        "Its provider reaches: extensions of a phone system, phone numbers."
    )


def test_a_queue_that_no_caller_of_the_provider_comes_to_may_be_called_as_it_likes() -> None:
    odd = document(vip={"voice_address": "80;01"})
    assert told_of(odd, main="twilio", other="freeswitch") == []
    del odd["flows"]["priority-customers"]["branches"][0]
    assert told_of(odd, main="freeswitch") == []


def test_the_emergency_queue_is_one_that_callers_of_every_provider_may_come_to() -> None:
    found = document()
    found["queues"]["reception"] = live_folder.demo_document()["queues"]["standard"] | {"voice_address": "80;01"}
    found["emergency_queue"] = "reception"
    [problem] = told_of(found, main="freeswitch")
    assert problem.path == ("queues", "reception", "voice_address")


@pytest.mark.django_db
def test_a_draft_is_held_against_the_provider_of_its_numbers() -> None:
    good_draft()
    Queue.objects.filter(slug="vip").update(voice_address="80;01")
    ProviderAccount.objects.update(dialect="freeswitch")
    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.publish("By FreeSWITCH", None)
    assert [problem.path for problem in refusal.value.problems] == [("queues", "vip", "voice_address")]
    ProviderAccount.objects.update(dialect="twilio")
    assert publishing.publish("By Twilio", None).number == 1


@only({"freeswitch": FreeSwitchPeer()})
@pytest.mark.parametrize(
    ("queues", "address"),
    [
        pytest.param({"vip": {"voice_address": "80;01"}}, "sip:8002@pbx.example.net", id="the overflow's extension"),
        pytest.param({"vip": AT_THE_PROVIDER, "priority": PHONE}, "+390299900000", id="the overflow's number"),
        pytest.param(dict.fromkeys(QUEUES[:2], AT_THE_PROVIDER), "sip:8003@pbx.example.net", id="its overflow"),
        pytest.param({"vip": CLOSED | {"overflow_to": None}}, "sip:8003@pbx.example.net", id="the emergency queue"),
        pytest.param(dict.fromkeys(QUEUES, AT_THE_PROVIDER), "+390299911111", id="at last the host's own"),
    ],
)  # fmt: skip
def test_a_release_that_names_such_a_queue_still_puts_the_caller_through(
    line: Line, monkeypatch: pytest.MonkeyPatch, queues: dict[str, Any], address: str
) -> None:
    found = document(**queues)
    found["queues"]["vip"] = {name: value for name, value in found["queues"]["vip"].items() if value is not None}
    line.server.change(document=found)
    monkeypatch.setattr(plane_module, "_plane", replace(line.server.plane, emergency_target="+390299911111"))
    said = line.call()
    assert (said.does, said.address) == ("dial", address)


@only({"freeswitch": FreeSwitchPeer()})
def test_the_leg_that_could_not_be_said_is_kept_as_failed(line: Line) -> None:
    line.server.change(document=document(vip=AT_THE_PROVIDER, priority=PHONE))
    line.call()
    line.call()
    [event] = line.spooled("event")
    assert (event["queue"], event["kind"], event["details"]["outcome"]) == ("vip", "leg", "failed")
    [decision] = line.spooled("decision")
    assert event["decision_id"] == decision["answer"]["decision_id"]


@only({"freeswitch": FreeSwitchPeer()})
def test_a_caller_who_is_turned_away_is_turned_away(line: Line) -> None:
    line.server.change(document=document(vip=CLOSED | {"when_closed": "reject"}))
    assert line.call().does == "reject"


@only({"freeswitch": FreeSwitchPeer()})
@pytest.mark.parametrize(
    ("queues", "legs"),
    [
        pytest.param({}, [*SIP], id="extensions, each once"),
        pytest.param({"priority": PHONE}, [SIP[0], "+390299900000", SIP[2]], id="a number between"),
        pytest.param(
            {"priority": AT_THE_PROVIDER | {"voice_address": "second"}}, [SIP[0], "second@default", SIP[2]],
            id="a queue of FreeSWITCH, and its overflow for who leaves it",
        ),
        pytest.param({"vip": CLOSED | {"when_closed": "reject"}}, [], id="nobody is sent on who is turned away"),
    ],
)  # fmt: skip
def test_freeswitch_is_told_all_that_other_providers_come_back_for(
    line: Line, queues: dict[str, Any], legs: list[str]
) -> None:
    line.server.change(document=document(**queues))
    root = ElementTree.fromstring(line.send(line.question()).content)
    actions = [(each.attrib["application"], each.attrib["data"]) for each in root.iter("action")]
    dialled = [data for application, data in actions if application in ("bridge", "callcenter")]
    assert [data.rpartition("]")[2].rpartition("/")[2] for data in dialled] == legs
