"""How far a sync run is, and what it found, in words and figures ready to be shown."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.crm.targets import targets
from customers.models import AttributeDefinition, SyncRun

FIGURES = (
    *("read", "created", "changed", "unchanged", "rejected"),
    *("repeated", "deleted", "tier_changes"),
)

State, Phase = SyncRun.State, SyncRun.Phase

_IDLE = (State.QUEUED, State.WAITING, State.HELD)


def progress(run: SyncRun, now: datetime) -> dict[str, Any]:
    """How far `run` is; `share` is of the phase it is in, 0 to 1, None when nobody knows."""
    done, total = _done(run)
    rate = done / _seconds(run, now)
    return {
        "state": run.state,
        "words": _words(run),
        "finished": run.state not in SyncRun.UNFINISHED,
        "share": min(done / total, 1) if total else None,
        "rate": "" if run.state in _IDLE else _("%(rate)s a second") % {"rate": figure(round(rate))},
        "remaining": _remaining(run, total - done if total else 0, rate),
        "figures": {name: figure(getattr(run, name)) for name in FIGURES},
    }


def figure(number: int) -> str:
    """A number as people of this language write it."""
    return number_format(number, use_l10n=True, force_grouping=True)


def _done(run: SyncRun) -> tuple[int, int]:
    """What of the phase is done, and how much there is, 0 for unknown."""
    if run.phase == Phase.APPLYING:
        planned = run.planned or {}
        return run.created + run.changed + run.deleted, sum(planned.get(kind, 0) for kind in PLANNED)
    return run.read, run.expected or 0


PLANNED = ("create", "change", "delete")


def _seconds(run: SyncRun, now: datetime) -> float:
    began = run.phase_started_at if run.phase == Phase.APPLYING else run.created_at
    return max(((run.finished_at or now) - (began or run.created_at)).total_seconds(), 1)


def _remaining(run: SyncRun, left: int, rate: float) -> str:
    return time_left(left, rate) if run.state == State.RUNNING else ""


def time_left(left: float, rate: float) -> str:
    """How long `left` things take at `rate` a second, in words; "" when nobody can say."""
    if left <= 0 or rate <= 0:
        return ""
    seconds = round(left / rate)
    if seconds < 60:
        return ngettext("about %(n)s second left", "about %(n)s seconds left", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": figure(minutes)}


def _words(run: SyncRun) -> str:
    applied = run.phase == Phase.APPLYING
    words = {
        State.QUEUED: _("Waiting to start. A worker takes it within seconds."),
        State.RUNNING: {
            Phase.READING: _("Reading the CRM. Nothing has been altered yet."),
            Phase.JUDGING: _("Comparing with what we know. Nothing has been altered yet."),
            Phase.APPLYING: _("Applying the changes."),
        }[Phase(run.phase)],
        State.WAITING: _("Waiting for the CRM, which did not answer; it is asked again by itself."),
        State.HELD: _("Held: nothing has been altered, and nothing will be until somebody decides."),
        State.SUCCEEDED: _("Succeeded.")
        if _has_found(run)
        else _("Succeeded. Nothing has changed since the last sync."),
        State.PARTIAL: _("Succeeded, but some rows were set aside."),
        State.FAILED: _("Failed. What it applied until then stays.") if applied else _("Failed. Nothing was altered."),
        State.CANCELLED: _("Cancelled. What it applied until then stays.")
        if applied
        else _("Cancelled. Nothing was altered."),
        State.PREVIEWED: _("A preview: nothing was altered."),
        State.DECLINED: _("Declined. Nothing was altered."),
        State.EXPIRED: _("Nobody decided before the next sync began. Nothing was altered."),
    }
    return words[State(run.state)]


def _has_found(run: SyncRun) -> bool:
    return run.since is None or any((run.read, run.deleted, run.tier_changes))


def planned(run: SyncRun) -> list[tuple[str, str]]:
    """What the comparison found, as label and figure."""
    labels = {
        "create": _("new customers"),
        "change": _("changed customers"),
        "delete": _("customers gone from the CRM"),
        "tier_changed": _("customers who change tier"),
        "tier_lost": _("customers who lose their tier"),
    }
    found = run.planned or {}
    return [(label, figure(found.get(kind, 0))) for kind, label in labels.items()] if found else []


def guards(run: SyncRun) -> Iterator[str]:
    """Why the run is held, one sentence for each safeguard."""
    sentences = {
        "tier_lost": _("%(count)s of %(of)s customers with a tier would lose it. The limit is %(limit)s %%."),
        "tier_changed": _("%(count)s of %(of)s customers would change tier. The limit is %(limit)s %%."),
        "deleted": _("%(count)s of %(of)s customers are gone from the CRM. The limit is %(limit)s %%."),
        "rejected": _("%(count)s of %(of)s records could not be used. The limit is %(limit)s %%."),
        "read": _("The CRM gave %(count)s records, last time %(of)s. The limit is %(limit)s %% of last time."),
        "nothing": _("The CRM gave no customer at all. We know %(of)s."),
        "emptied": _(
            "“%(field)s” would become empty for %(count)s of the %(of)s customers who have it. "
            "The limit is %(limit)s %%. Has the field another name in the CRM now?"
        ),
    }
    labels = {name: str(label) for name, label in targets(AttributeDefinition.objects.values_list("key", "label"))}
    for guard in run.guards or []:
        shown = {"count": figure(guard["count"]), "of": figure(guard["of"]), "limit": guard["limit"]}
        yield sentences[guard["name"]] % {**shown, "field": labels.get(guard["field"], guard["field"])}
