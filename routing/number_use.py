"""Which numbers people really call: the first contact and the last one, kept beside the decisions.

Rows are keyed as numbers are in a release, `voice:+390212345678`. A row begins when a release with the number goes
live, and ends with the first release without it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from queues.models import Queue
from routing.models import Number, NumberUse, Release

_NOTE = """
    INSERT INTO routing_numberuse (key, first_at, first_queue, last_at, last_queue)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET
        first_queue = CASE WHEN routing_numberuse.first_at <= excluded.first_at
                           THEN routing_numberuse.first_queue ELSE excluded.first_queue END,
        first_at = CASE WHEN routing_numberuse.first_at <= excluded.first_at
                        THEN routing_numberuse.first_at ELSE excluded.first_at END,
        last_queue = CASE WHEN routing_numberuse.last_at >= excluded.last_at
                          THEN routing_numberuse.last_queue ELSE excluded.last_queue END,
        last_at = CASE WHEN routing_numberuse.last_at >= excluded.last_at
                       THEN routing_numberuse.last_at ELSE excluded.last_at END"""
"""Safe to repeat, and in whatever order hosts ship their rows. PostgreSQL and SQLite read it alike."""


@dataclass(frozen=True, order=True)
class _Contact:
    at: datetime
    queue: str


def note(decisions: Iterable[Mapping[str, Any]]) -> None:
    """Take over when numbers were used, from decisions as they are spooled. A statement a number, in one order."""
    seen: dict[str, list[_Contact]] = {}
    for document in decisions:
        # A host of the version before does not name the number yet.
        if key := document["contact"].get("number"):
            contact = _Contact(datetime.fromisoformat(document["decided_at"]), document["answer"].get("queue", ""))
            seen.setdefault(key, []).append(contact)
    if seen:
        with connection.cursor() as cursor:
            cursor.executemany(_NOTE, [_row(key, min(seen[key]), max(seen[key])) for key in sorted(seen)])


def _row(key: str, first: _Contact, last: _Contact) -> tuple[Any, ...]:
    stored = connection.ops.adapt_datetimefield_value
    return key, stored(first.at), first.queue, stored(last.at), last.queue


def follow(release: Release) -> None:
    """Wait for the first contact on every number that has just gone live; forget those that are live no more."""
    keys = sorted(json.loads(release.document)["numbers"])
    with transaction.atomic():
        waiting = [NumberUse(key=key, live_since=release.published_at) for key in keys]
        NumberUse.objects.bulk_create(waiting, ignore_conflicts=True)
        NumberUse.objects.exclude(key__in=keys).delete()


def silent(now: datetime) -> "QuerySet[Number]":
    """Numbers in service that are live, and on which nobody has called or written for longer than is expected."""
    expecting = Number.objects.exclude(silent_after_days=None).order_by()
    # A handful of different expectations: so both databases can be asked the same simple question.
    days = expecting.values_list("silent_after_days", flat=True).distinct()
    overdue = Q(pk__in=[])
    for each in filter(None, days):
        overdue |= Q(silent_after_days=each, seen__lt=now - timedelta(days=each))
    seen = _use().annotate(seen=Coalesce("last_at", "live_since")).values("seen")
    return Number.objects.annotate(seen=Subquery(seen)).filter(overdue).exclude(_out_of_service(now.date()))


def out_of_service(now: datetime) -> "QuerySet[Number]":
    """Numbers that are not with the provider yet, or not any more. Whoever calls is answered all the same."""
    return Number.objects.filter(_out_of_service(now.date()))


def _out_of_service(today: date) -> Q:
    return Q(in_service_from__gt=today) | Q(in_service_until__lt=today)


def waiting() -> "QuerySet[Number]":
    """Numbers that are live and have never been called."""
    return Number.objects.filter(Exists(_use().filter(first_at=None)))


def without_flow() -> "QuerySet[Number]":
    """Numbers of the draft that lead nowhere."""
    return Number.objects.filter(flow=None)


def _use() -> "QuerySet[NumberUse]":
    return NumberUse.objects.filter(key=Concat(OuterRef("channel"), Value(":"), OuterRef("address")))


def words_of(numbers: Iterable[Number]) -> dict[int, str]:
    """How each of these numbers is used, in words, by primary key. Two queries, however many there are."""
    listed = list(numbers)
    uses = {use.key: use for use in NumberUse.objects.filter(key__in=[_key(number) for number in listed])}
    slugs = {slug for use in uses.values() for slug in (use.first_queue, use.last_queue) if slug}
    names = dict(Queue.objects.filter(slug__in=slugs).values_list("slug", "name"))
    today = timezone.now().date()
    return {
        number.pk: " ".join(filter(None, [_dates(number, today), _in_words(uses.get(_key(number)), number, names)]))
        for number in listed
    }


def _dates(number: Number, today: date) -> str:
    """What is said of a number that is not in service today."""
    begins, ends = number.in_service_from, number.in_service_until
    if begins and begins > today:
        return _("In service from %(day)s.") % {"day": date_format(begins)}
    if ends and ends < today:
        return _("Its last day was %(day)s.") % {"day": date_format(ends)}
    return ""


def _key(number: Number) -> str:
    return f"{number.channel}:{number.address}"


def _in_words(use: NumberUse | None, number: Number, queues: Mapping[str, str]) -> str:
    """How `number` is used, on its own clock; `queues` are the names of queues by their short names."""
    is_call, zone = number.channel == "voice", ZoneInfo(number.time_zone)
    if use is None:
        return _("Not published yet.")
    if use.first_at is None or use.last_at is None:
        call, message = _("Waiting for the first call since %(at)s."), _("Waiting for the first message since %(at)s.")
        return (call if is_call else message) % {"at": _moment(use.live_since, zone)}
    first = _("First call %(at)s to %(queue)s.") if is_call else _("First message %(at)s to %(queue)s.")
    last = _("Last call %(at)s to %(queue)s.") if is_call else _("Last message %(at)s to %(queue)s.")
    said = [first % {"at": _moment(use.first_at, zone), "queue": _place(use.first_queue, queues)}]
    if use.last_at > use.first_at:
        said.append(last % {"at": _moment(use.last_at, zone), "queue": _place(use.last_queue, queues)})
    return " ".join(said)


def _place(queue: str, queues: Mapping[str, str]) -> str:
    return queues.get(queue, queue) or _("the emergency target")


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return date_format(at.astimezone(zone), "DATETIME_FORMAT") if at else "-"
