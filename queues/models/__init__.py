"""Where contacts wait: queues, the systems that hold them, their hours, and what is true of them now."""

from queues.models.calendars import Calendar, CalendarException, OpeningHours
from queues.models.estimates import ReportedWait, WaitEstimate
from queues.models.live import QueueState, Switch
from queues.models.managers import AccountManager
from queues.models.queues import Queue
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
    "ReportedWait",
    "Switch",
    "WaitEstimate",
]
