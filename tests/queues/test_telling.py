"""What each kind of phone system is told of priority and skills."""

import pytest

from queues.models import PhoneSystem, Queue
from queues.priorities import SCALES
from queues.system_kinds import KINDS, WAYS, learns_by
from queues.telling import priority_told, told, ways_told

CASES = [
    pytest.param("asterisk", "", 1, 300, "QUEUE_PRIO 20", id="Asterisk: higher first"),
    pytest.param("freeswitch", "", 1, 300, "cc_base_score 300", id="FreeSWITCH: seconds of credit"),
    pytest.param("threecx", "", 1, 300, "nothing but the address that is dialled", id="3CX: only its address"),
    pytest.param("twilio_taskrouter", "", 2, 0, "priority 15, as an attribute", id="TaskRouter: higher first"),
    pytest.param("amazon_connect", "", 2, 0, "priority 2, as an attribute", id="Amazon Connect: lower first"),
    pytest.param("genesys_cloud", "", 2, 300, "priority 5, as an attribute", id="Genesys: minutes of credit"),
    pytest.param("jambonz", "", 5, 0, "priority 5, as an attribute", id="jambonz: lower first"),
    pytest.param("other", "", 5, 0, "X-Priority: 0", id="others: a header, higher first"),
    pytest.param("other", "base_score", 1, 90, "cc_base_score 90", id="the chosen way counts more than the kind"),
    pytest.param("freeswitch", "queue_prio", 1, 90, "QUEUE_PRIO 20", id="and brings its own meaning"),
    pytest.param("asterisk", "address", 1, 0, "nothing but the address that is dialled", id="told nothing"),
]


@pytest.mark.parametrize(("kind", "way", "priority_class", "head_start_s", "words"), CASES)
def test_a_system_gets(kind: str, way: str, priority_class: int, head_start_s: int, words: str) -> None:
    assert priority_told(PhoneSystem(kind=kind, learns_by=way), priority_class, head_start_s) == words


def test_every_kind_has_its_scale_and_a_way_that_exists() -> None:
    assert KINDS.keys() == SCALES.keys()
    assert {kind.learns_by for kind in KINDS.values()} <= WAYS.keys()
    assert learns_by("never heard of") == "header"


def test_skills_and_what_never_happens_are_said() -> None:
    system = PhoneSystem(kind="asterisk")
    said = told(Queue(phone_system=system, priority_class=1, skills="italian,billing"))
    assert said[:2] == ["QUEUE_PRIO 20", "Skills: italian, billing"]
    assert "Calls already waiting are not moved" in said[-1]
    assert "Calls already waiting are not moved" in ways_told(system)[-1]
    system.learns_by = "address"
    assert not any("Skills" in sentence for sentence in told(Queue(phone_system=system, skills="italian")))
