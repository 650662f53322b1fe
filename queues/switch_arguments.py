"""What the commands that switch have in common: why, until when, and how a moment is read."""

import argparse
import socket
from datetime import datetime, time, timedelta, tzinfo
from getpass import getuser

OPEN_END = "ended"
"""What stands for no end at all."""

UNKNOWN_NUMBER = "There is no such number: as long as it is not set up, this alters nothing. Is it mistyped?"


def add_why_and_until(verb: argparse.ArgumentParser) -> None:
    """`--reason` and `--until`."""
    verb.add_argument("--reason", required=True, help="Why, for the colleagues who will ask")
    verb.add_argument(
        "--until",
        default="",
        help='"18:00" (today, in the queue\'s time zone), 2026-12-24T18:00, "1h", or "ended": until somebody ends it. '
        "Without it: until the end of the day",
    )


def read_until(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    """The moment that `--until` says, in `zone`; None for no end. Raises ValueError with a sentence."""
    today = now.astimezone(zone).date()
    if not text:
        return datetime.combine(today + timedelta(days=1), time.min, zone)
    if text == OPEN_END:
        return None
    try:
        if text.endswith("h") and text[:-1].isdigit():
            return now + timedelta(hours=int(text[:-1]))
        if len(text) <= len("18:00"):
            return datetime.combine(today, time.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        shapes = "a time (18:00), a moment (2026-12-24T18:00), a number of hours (1h) nor the word ended"
        raise ValueError(f'--until: "{text}" is neither {shapes}.') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def typed_by() -> str:
    """Who types, and where: anna on dc1."""
    try:
        name = getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        name = "command line"
    return f"{name} on {socket.gethostname()}"[:80]
