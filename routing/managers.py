"""The customer's account manager: whether he is rung before the queue, and why not. Pure."""

from collections.abc import Mapping
from datetime import datetime

from contactcenter.foundation.values import Value
from queues.calendars import is_open
from queues.selection import Queue
from queues.state import Manager, State
from routing.branches import Target
from routing.release import Release

RUNG = "rung"


def ask(
    target: Target, variables: Mapping[str, Value], state: State, release: Release, now: datetime
) -> tuple[Queue | None, str]:
    """The account manager as something to ring, or None; and `rung` or why he was passed over.

    none: the customer has none; unknown: nobody of that name is set up; away; off_hours: outside his working hours;
    unreachable: his phone system is not in the release. Then the queue behind takes the caller at once.
    """
    slug = str(variables.get("customer.account_manager", ""))
    if not slug:
        return None, "none"
    manager = state.managers.get(slug)
    if manager is None:
        return None, "unknown"
    if not manager.is_there(now):
        return None, "away"
    hours = release.calendars.get(manager.calendar)
    if hours is not None and not is_open(hours, now):
        return None, "off_hours"
    system = release.phone_systems.get(manager.phone_system)
    if manager.phone_system and (system is None or not system.hosts):
        return None, "unreachable"
    return _to_ring(manager, target), RUNG


def _to_ring(manager: Manager, target: Target) -> Queue:
    return Queue(
        slug=target.queue,
        name="",
        voice_kind="sip" if manager.phone_system else "phone",
        voice_address=manager.address,
        phone_system=manager.phone_system,
        answer_timeout_s=manager.answer_timeout_s,
    )
