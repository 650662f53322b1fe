"""Where contacts wait: queues, the systems that hold them, their hours, and what is true of them now."""

from queues.models.calendars import Calendar, CalendarException, OpeningHours
from queues.models.live import QueueState, Switch
from queues.models.queues import AccountManager, Queue
from queues.models.systems import HelpDesk, PhoneSystem

__all__ = [
    "AccountManager",
    "Calendar",
    "CalendarException",
    "HelpDesk",
    "OpeningHours",
    "PhoneSystem",
    "Queue",
    "QueueState",
    "Switch",
]
