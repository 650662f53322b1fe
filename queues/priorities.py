"""How each kind of phone system is told who comes first. Pure.

Ours is one canonical pair: a strict priority class (1 comes first, 5 last) and a head start in
seconds. Directions and meanings differ in every system, so each kind translates the pair.
"""

from collections.abc import Callable
from dataclasses import dataclass

FIRST_CLASS, LAST_CLASS = 1, 5


@dataclass(frozen=True)
class Scale:
    """One kind's name for people, and its number for a priority class and head start in seconds."""

    label: str
    priority: Callable[[int, int], int]
    explanation: str


def _higher_first(priority_class: int, _head_start_s: int) -> int:
    return 5 * (LAST_CLASS - priority_class)


def _lower_first(priority_class: int, _head_start_s: int) -> int:
    return priority_class


def _seconds_of_credit(_priority_class: int, head_start_s: int) -> int:
    return head_start_s


def _minutes_of_credit(_priority_class: int, head_start_s: int) -> int:
    return head_start_s // 60


SCALES: dict[str, Scale] = {
    "asterisk": Scale("Asterisk / FreePBX", _higher_first, "QUEUE_PRIO: the higher number goes first."),
    "freeswitch": Scale(
        "FreeSWITCH / FusionPBX", _seconds_of_credit, "Base score: seconds the caller seems to have waited already."
    ),
    "threecx": Scale("3CX", _higher_first, "Sent as a header; 3CX itself separates by queue address."),
    "twilio_taskrouter": Scale("Twilio TaskRouter", _higher_first, "Task priority: the higher number goes first."),
    "amazon_connect": Scale("Amazon Connect", _lower_first, "QueuePriority: 1 goes first."),
    "genesys_cloud": Scale("Genesys Cloud", _minutes_of_credit, "Priority points: one point is about a minute."),
    "jambonz": Scale("jambonz", _lower_first, "Queue priority: the lower number goes first."),
    "other": Scale("other SIP system", _higher_first, "Sent in the X-Priority header, higher first."),
}
