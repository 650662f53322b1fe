"""Sample calls: by a document, with nobody's data and whatever is switched at this moment left out of it.

No data source is asked: what a flow fetches is unknown to a sample call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.clock import FixedClock
from queues.state import compile_state
from routing.contacts import Contact
from routing.evaluation import Evaluation, evaluate
from routing.models import SampleCall
from routing.problems import ERROR, WARNING, Problem
from routing.release import Release, compile_release
from routing.variables import Facts, World

CALLER = "+390200000000"
WEDNESDAY, ELEVEN = 2, time(11)
SEARCHED_WEEKS = 26


@dataclass(frozen=True)
class Outcome:
    """One sample call, and where it went: a queue's short name, or "" where the flow is gone."""

    sample: SampleCall
    queue: str

    @property
    def passed(self) -> bool:
        return self.queue == self.sample.expected.slug


def outcomes(document: Mapping[str, Any], now: datetime | None = None) -> list[Outcome]:
    """Every sample call by `document`. Raises ReleaseError when nobody could be decided by it."""
    samples = list(SampleCall.objects.select_related("flow", "number", "tier", "expected"))
    if not samples:
        return []
    release = compile_release(document, 0)
    return [_rehearsed(sample, document, release, now or timezone.now()) for sample in samples]


def rehearse(sample: SampleCall, document: Mapping[str, Any]) -> Outcome:
    """One sample call, stored or not, by `document`. Raises ReleaseError when nobody could be decided by it."""
    return _rehearsed(sample, document, compile_release(document, 0), timezone.now())


def problems(document: Mapping[str, Any], live: Mapping[str, Any] | None = None) -> Iterator[Problem]:
    """Sample calls that do not end where they must, each a reason not to publish.

    Where its flow is as it is in `live`, and the call ends elsewhere there too, it waits for changes that are not in
    `document`: a warning.
    """
    failing = {outcome.sample.pk for outcome in (outcomes(live) if live else ()) if not outcome.passed}
    for outcome in outcomes(document):
        if outcome.passed:
            continue
        slug = outcome.sample.flow.slug
        as_before = live is not None and live["flows"].get(slug) == document["flows"].get(slug)
        severity = WARNING if as_before and outcome.sample.pk in failing else ERROR
        queues = document["queues"]
        words = _("Sample call “%(name)s” must reach %(expected)s, but it would reach %(queue)s.") % {
            "name": outcome.sample.name,
            "expected": outcome.sample.expected.name,
            "queue": queues[outcome.queue]["name"] if outcome.queue in queues else _("no queue"),
        }
        yield Problem(severity, ("flows", slug), words)


def _rehearsed(sample: SampleCall, document: Mapping[str, Any], release: Release, now: datetime) -> Outcome:
    number = _number(sample, document)
    if not number:
        return Outcome(sample, "")
    channel, _colon, address = number.partition(":")
    zone = ZoneInfo(document["numbers"][number]["time_zone"])
    clock = FixedClock(_moment(sample, document, now.astimezone(zone)))
    contact = Contact("sample", "sample", address, CALLER, channel)
    world = World(release, compile_state({}), lambda _key: _facts(sample))
    return Outcome(sample, _queue(evaluate(contact, world, clock, clock.monotonic() + 1, "0" * 32)))


def _queue(evaluation: Evaluation) -> str:
    return str(evaluation.answer.get("queue", ""))


def _number(sample: SampleCall, document: Mapping[str, Any]) -> str:
    """The key of the number that is called, as the document has it; "" when none leads into the flow."""
    if sample.number:
        own = f"{sample.number.channel}:{sample.number.address}"
        return own if own in document["numbers"] else ""
    keys = (key for key, row in document["numbers"].items() if row.get("flow") == sample.flow.slug)
    return min(keys, key=lambda key: (not key.startswith("voice:"), key), default="")


def _facts(sample: SampleCall) -> Facts | None:
    known = sample.known_facts()
    if sample.tier is None and not known:
        return None
    return {"v": 1, "customer": "0", **({"tier": sample.tier.slug} if sample.tier else {}), **known}


def _moment(sample: SampleCall, document: Mapping[str, Any], now: datetime) -> datetime:
    """The next such day that is no special day in any calendar: a holiday must not keep anybody from publishing."""
    weekday = WEDNESDAY if sample.weekday is None else sample.weekday
    first = now + timedelta(days=(weekday - now.weekday()) % 7)
    special = [
        (each["first_day"], each["last_day"])
        for calendar in document["calendars"].values()
        for each in calendar["exceptions"]
    ]
    days = (first + timedelta(weeks=week) for week in range(SEARCHED_WEEKS))
    usual = (day for day in days if not any(a <= day.date().isoformat() <= b for a, b in special))
    return datetime.combine(next(usual, first).date(), sample.time or ELEVEN, now.tzinfo)
