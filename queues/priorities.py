"""How each kind of phone system is told who comes first. Pure.

Ours is one canonical pair: a strict priority class (1 comes first, 5 last) and a head start in
seconds. Directions and meanings differ in every system, so each kind translates the pair.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contactcenter.foundation.words import to_translate as _

FIRST_CLASS, LAST_CLASS = 1, 5


@dataclass(frozen=True)
class Scale:
    """One kind's number for a priority class and head start in seconds, and what the number means there."""

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
    "asterisk": Scale(_higher_first, _("QUEUE_PRIO: the higher number goes first.")),
    "freeswitch": Scale(_seconds_of_credit, _("Base score: seconds the caller seems to have waited already.")),
    "threecx": Scale(_higher_first, _("3CX itself separates by queue address.")),
    "twilio_taskrouter": Scale(_higher_first, _("Task priority: the higher number goes first.")),
    "amazon_connect": Scale(_lower_first, _("QueuePriority: 1 goes first.")),
    "genesys_cloud": Scale(_minutes_of_credit, _("Priority points: one point is about a minute.")),
    "jambonz": Scale(_lower_first, _("Queue priority: the lower number goes first.")),
    "other": Scale(_higher_first, _("The higher number goes first.")),
}
"""By kind of phone system."""

OF_A_WAY: dict[str, Scale] = {"queue_prio": SCALES["asterisk"], "base_score": SCALES["freeswitch"]}
"""Ways to learn priority that have one meaning, whatever the system's kind."""


def scale_of(kind: str, learns_by: str) -> Scale:
    """The scale in which a phone system of this kind, told in this way, gets its numbers."""
    return OF_A_WAY.get(learns_by) or SCALES.get(kind, SCALES["other"])
