"""What can be wrong with the syncs, found by a query or two each; one entry of CONDITIONS for each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import CrmConnection, CrmEvent, CrmPush, Heartbeat, SyncRun

OVERDUE = timedelta(hours=26)
"""A night and two hours: a sync that took longer than yesterday's is not late yet."""

REJECTED_PERCENT, REJECTED_AT_LEAST = 1, 10
EXPIRES_WITHIN = timedelta(days=14)
SILENT = timedelta(minutes=5)
PUSHES_WITHIN, PUSHES_AT_LEAST = timedelta(hours=24), 10

StrOrPromise = str | Promise
State = SyncRun.State


@dataclass(frozen=True)
class Finding:
    """That a condition holds: for which connection, with which figures."""

    subject: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """Something that can be wrong: what it is called, what it says with its figures, and what to do."""

    label: StrOrPromise
    text: StrOrPromise
    advice: StrOrPromise
    find: Callable[[datetime], Iterator[Finding]]


def _ended() -> QuerySet[SyncRun]:
    """Runs of a connection that came to an end by themselves, the latest first; previews and pushes are none."""
    ends = (*SyncRun.GOOD, State.FAILED, State.HELD)
    return SyncRun.objects.filter(connection=OuterRef("pk"), state__in=ends, is_dry=False).order_by("-pk")


def _last(state: str) -> Iterator[SyncRun]:
    """The last run of each connection that is switched on, where it ended in `state`."""
    last = CrmConnection.objects.filter(is_enabled=True).annotate(last=Subquery(_ended().values("pk")[:1]))
    return SyncRun.objects.filter(state=state, pk__in=last.values("last")).select_related("connection").iterator()


def _failed(_now: datetime) -> Iterator[Finding]:
    for run in _last(State.FAILED):
        yield Finding(run.connection.slug, {"run": run.pk})


def _held(_now: datetime) -> Iterator[Finding]:
    for run in _last(State.HELD):
        yield Finding(run.connection.slug, {"run": run.pk})


def _overdue(now: datetime) -> Iterator[Finding]:
    good = SyncRun.objects.filter(connection=OuterRef("pk"), state__in=SyncRun.GOOD, is_dry=False).order_by("-pk")
    connections = CrmConnection.objects.filter(is_enabled=True).exclude(connector="upload")
    rows = connections.annotate(
        good_at=Subquery(good.values("finished_at")[:1]),
        first_at=Min("runs__created_at"),
    ).values_list("slug", "good_at", "first_at")
    for slug, good_at, first_at in rows:
        since = good_at or first_at
        if since is not None and now - since > OVERDUE:
            yield Finding(slug, {"hours": int((now - since).total_seconds() // 3600)})


def _rejects(_now: datetime) -> Iterator[Finding]:
    for run in _last(State.PARTIAL):
        if run.rejected >= REJECTED_AT_LEAST and run.rejected * 100 > run.read * REJECTED_PERCENT:
            yield Finding(run.connection.slug, {"rejected": run.rejected, "read": run.read})


def _token_expires(now: datetime) -> Iterator[Finding]:
    """A fixed token that says itself until when it is good: a JSON Web Token."""
    for connection in CrmConnection.objects.filter(is_enabled=True, auth__in=("bearer", "header")):
        ends_at = expiry(connection.token)
        if ends_at is not None and ends_at - now < EXPIRES_WITHIN:
            yield Finding(connection.slug, {"day": ends_at.date().isoformat()})


def expiry(token: str) -> datetime | None:
    """Until when a token is good, if it says so. It is the CRM's to verify, not ours."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _push_held(now: datetime) -> Iterator[Finding]:
    held = CrmPush.objects.filter(held_since__isnull=False, is_enabled=True, connection__is_enabled=True)
    waiting = Count("events", filter=Q(events__state=CrmEvent.State.WAITING))
    for slug, count in held.annotate(waiting=waiting).values_list("connection__slug", "waiting"):
        yield Finding(slug, {"waiting": count})


def _push_failed(now: datetime) -> Iterator[Finding]:
    failed = CrmEvent.objects.filter(state=CrmEvent.State.FAILED, finished_at__gt=now - PUSHES_WITHIN)
    counted = failed.order_by().values("push__connection__slug").annotate(failed=Count("pk"))
    for row in counted.filter(failed__gte=PUSHES_AT_LEAST):
        yield Finding(row["push__connection__slug"], {"failed": row["failed"]})


def _beat_silent(now: datetime) -> Iterator[Finding]:
    seen_at = Heartbeat.objects.filter(pk=Heartbeat.BEAT).values_list("seen_at", flat=True).first()
    if seen_at is not None and now - seen_at > SILENT:
        yield Finding("", {"minutes": int((now - seen_at).total_seconds() // 60)})


CONDITIONS: dict[str, Condition] = {
    "sync_failed": Condition(
        _("CRM sync failed"),
        _("Sync run %(run)s failed."),
        _("Its page says why. The tiers stay as they are; the next sync tries again."),
        _failed,
    ),
    "sync_held": Condition(
        _("CRM sync is held"),
        _("Sync run %(run)s would alter more than it may unasked."),
        _("Look at what it would do, then approve or decline it. Until then nothing is altered."),
        _held,
    ),
    "sync_overdue": Condition(
        _("No CRM sync succeeded"),
        _("The last one that succeeded ended %(hours)s hours ago."),
        _("See whether beat and a worker are running, and how the last sync ended."),
        _overdue,
    ),
    "sync_rejects": Condition(
        _("Many rows were set aside"),
        _("%(rejected)s of %(read)s records could not be used."),
        _("The rows set aside name the field. Mend the record in the CRM, or the mapping."),
        _rejects,
    ),
    "token_expires": Condition(
        _("The CRM's token expires"),
        _("It is good until %(day)s."),
        _("Get a new one from the CRM's administrator and put it into the connection."),
        _token_expires,
    ),
    "push_held": Condition(
        _("CRM push is held"),
        _("Too many customers would have changed tier within a minute; %(waiting)s events wait."),
        _("See what happened in the CRM, then apply or drop what waits."),
        _push_held,
    ),
    "push_failed": Condition(
        _("CRM push fails"),
        _("%(failed)s events of the last day could not be applied."),
        _("The events say why. The nightly sync brings what they were about."),
        _push_failed,
    ),
    "beat_silent": Condition(
        _("The scheduler is silent"),
        _("It has given no sign of life for %(minutes)s minutes."),
        _("Start celery beat: without it no sync starts and no message is decided."),
        _beat_silent,
    ),
}
