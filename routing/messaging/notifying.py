"""Third parties are told of decisions by a signed webhook: put down with the decision, sent later, at least once.

Deciding knows nothing of it. Whoever brings a decision into the database puts down, in the same transaction, whom
the branch that it took notifies; the release that was decided by says so.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import orjson
from django.utils import timezone

from routing.branches import LAST_PATH
from routing.helpdesks.base import DeskError, DeskRejected, ask
from routing.helpdesks.signed_webhook import signed
from routing.messaging import attempts, leases
from routing.models import Decision, Notification, NotificationTarget, Release

DECISION_MADE = "decision.made"
AT_ONCE = 10
"""Webhooks on their way at the same time, of one worker."""

_TOLD = (
    *("decision_id", "call_id", "channel", "number", "attempt"),
    *("release", "flow", "branch", "queue", "tier", "reason"),
)
State = Notification.State
Notified = Mapping[tuple[str, str], str]


def put(decisions: Sequence[Decision]) -> None:
    """Put down, in the caller's transaction, who is to be told of these decisions. Doing so twice adds nothing."""
    notified = _notified({each.release for each in decisions if each.branch and each.release is not None})
    now = timezone.now()
    rows = [
        Notification(key=f"{each.decision_id}-notify", decision_id=each.decision_id, target=target, due_at=now)
        for each in decisions
        if (target := notified.get(each.release, {}).get((each.flow, each.branch)))
    ]
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True)


def sweep(seconds: float) -> int:
    """Send what waits, for at most so many seconds; how many were tried. Any number of workers may do so at once."""
    ends_at, tried = timezone.now() + timedelta(seconds=seconds), 0
    due, away = Notification.objects.order_by("due_at"), set[str]()
    with ThreadPoolExecutor(AT_ONCE, "notifying") as pool:
        # Whoever is away is asked no more in this sweep. What waits for him is not touched: it may be a day's calls.
        while timezone.now() < ends_at and (some := leases.some(due.exclude(target__in=away), timezone.now(), AT_ONCE)):
            away |= _send(some, pool)
            tried += len(some)
    return tried


def _notified(releases: Iterable[int]) -> dict[int | None, Notified]:
    # The checksum, too: a restored database may have another release of this number.
    known = Release.objects.filter(number__in=releases).values_list("number", "sha256")
    return {number: _notified_by(number, sha256) for number, sha256 in known}


@lru_cache(maxsize=16)
def _notified_by(number: int, _sha256: str) -> Notified:
    """Whom each branch of a release notifies, by flow and branch."""
    document = orjson.loads(Release.objects.values_list("document", flat=True).get(number=number))
    branches = {
        (slug, branch["slug"]): branch["notify"]
        for slug, flow in document["flows"].items()
        for branch in flow["branches"]
        if "notify" in branch
    }
    return branches | {
        (slug, LAST_PATH): flow["notify"] for slug, flow in document["flows"].items() if "notify" in flow
    }


def _send(some: Sequence[Notification], pool: ThreadPoolExecutor) -> set[str]:
    """Send these at the same time; the targets that are away or busy."""
    targets = NotificationTarget.objects.in_bulk([each.target for each in some], field_name="slug")
    decisions = Decision.objects.in_bulk([each.decision_id for each in some], field_name="decision_id")
    sent: list[tuple[Notification, Future[None]]] = []
    for each in some:
        target = targets.get(each.target)
        if target is not None and not target.is_enabled:
            attempts.end(each, State.UNWANTED, tried=False)
        else:
            sent.append((each, pool.submit(_post, each.key, target, decisions.get(each.decision_id))))
    away = set()
    for each, outcome in sent:
        try:
            outcome.result()
        except DeskError as error:
            if attempts.fail(each, error):
                away.add(each.target)
        else:
            attempts.end(each, State.DELIVERED)
    return away


def _post(key: str, target: NotificationTarget | None, decision: Decision | None) -> None:
    """One attempt. Raises DeskUnavailable or DeskRejected. No database: this runs in a thread beside it."""
    if target is None or not target.url:
        raise DeskRejected("no_target")
    if decision is None:
        raise DeskRejected("no_decision")
    body = _event(decision, with_caller=target.with_caller)
    ask("POST", target.url, signed(target.secret, key, datetime.now(UTC), body), body.encode())


def _event(decision: Decision, *, with_caller: bool) -> str:
    told = {name: getattr(decision, name) for name in _TOLD} | {"decided_at": decision.decided_at.isoformat()}
    if with_caller:
        told["from"] = decision.caller
    data = {name: value for name, value in told.items() if value not in ("", None)}
    return json.dumps({"type": DECISION_MADE, "timestamp": data["decided_at"], "data": data})
