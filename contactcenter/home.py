"""How things stand: what the home page says before its menu."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contactcenter.accounts.models import User
from customers.alerts.conditions import CONDITIONS, SILENT
from customers.models import Alert, CrmConnection, Heartbeat, LoyaltyTier, SyncRun
from queues import public_holidays
from queues.models import Calendar, Queue
from routing import number_use
from routing.messaging import figures
from routing.models import Delivery, Flow, Notification, Number, PlannedRelease, ProviderAccount, Release

FIRST_STEPS: tuple[tuple[Any, Any], ...] = (
    (Queue, _("Add the queues where contacts wait")),
    (LoyaltyTier, _("Add your loyalty tiers")),
    (ProviderAccount, _("Add the account at your telephony provider")),
    (Flow, _("Make a flow: who goes to which queue")),
    (Number, _("Add the number that people call")),
    (CrmConnection, _("Connect your CRM")),
)
MOST_ALERTS = 10
HOLIDAYS_END_SOON = timedelta(days=60)


@dataclass(frozen=True)
class Step:
    """One thing to do, and where."""

    text: Any
    url: str


@dataclass(frozen=True)
class Standing:
    """What is live, how the last sync ended, what is wrong, and what is still to be done."""

    release: Release | None
    sync: SyncRun | None
    steps: list[Step]
    alarms: list[Step]


def standing(request: HttpRequest) -> Standing:
    """How things stand, as far as this person may see it. A query a part, however large the tables are."""
    user: Any = request.user
    release = _live_release() if _may_see(user, Release) else None
    return Standing(
        release=release,
        sync=_last_sync() if _may_see(user, SyncRun) else None,
        steps=_still_to_do(user),
        alarms=[
            *(_alerts() if _may_see(user, Alert) else []),
            *(_alarms() if _may_see(user, Number) else []),
            *_holidays_run_out(release),
            *(_plans_not_done() if _may_see(user, Release) else []),
            *_given_up(user),
        ],
    )


def _may_see(user: Any, model: Any) -> bool:
    return bool(user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"))


def _last_sync() -> SyncRun | None:
    return SyncRun.objects.select_related("connection").exclude(state=SyncRun.State.PUSHED).first()


def _live_release() -> Release | None:
    return Release.objects.select_related("published_by").defer("document").first()


def _still_to_do(user: Any) -> list[Step]:
    found = {model: Exists(model.objects.all()) for model, _text in FIRST_STEPS}
    # One row, one query: the person himself with a yes or no for each kind of thing.
    exists = User.objects.filter(pk=user.pk).values_list(*found.values()).get()
    missing = {model for model, there in zip(found, exists, strict=True) if not there}
    return [
        Step(text, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
        for model, text in FIRST_STEPS
        if model in missing and user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}")
    ]


def _alerts() -> list[Step]:
    """What is wrong with the syncs; a silent scheduler also while nobody is left to raise the alert."""
    shown = list(Alert.objects.filter(cleared_at__isnull=True)[:MOST_ALERTS])
    steps = [Step(str(alert), reverse("admin:customers_alert_change", args=[alert.pk])) for alert in shown]
    known = {alert.condition for alert in shown}
    seen_at = Heartbeat.objects.filter(pk=Heartbeat.BEAT).values_list("seen_at", flat=True).first()
    if "beat_silent" not in known and seen_at is not None and timezone.now() - seen_at > SILENT:
        silent = CONDITIONS["beat_silent"]
        steps.insert(0, Step(f"{silent.label}. {silent.advice}", reverse("admin:customers_alert_changelist")))
    return steps


def _alarms() -> list[Step]:
    """Numbers that lead nowhere, and numbers on which nobody has called for too long."""
    silent, lost = number_use.silent(timezone.now()).count(), number_use.without_flow().count()
    words = {
        "without_flow": ngettext("%(n)s number has no flow", "%(n)s numbers have no flow", lost) % {"n": lost},
        "silent": ngettext(
            "%(n)s number is silent: nobody has called or written for longer than expected",
            "%(n)s numbers are silent: nobody has called or written for longer than expected",
            silent,
        )
        % {"n": silent},
    }
    numbers = reverse("admin:routing_number_changelist")
    found = {"without_flow": lost, "silent": silent}
    return [Step(words[use], f"{numbers}?use={use}") for use, count in found.items() if count]


def _holidays_run_out(release: Release | None) -> Iterator[Step]:
    """A release is never altered: what it knows of public holidays ends some day."""
    if release is None:
        return
    last, today = public_holidays.live_until(release.published_at.date()), timezone.localdate()
    if last - today < HOLIDAYS_END_SOON and Calendar.objects.exclude(country="").exists():
        text = _("The public holidays that are live end on %(day)s: publish, and the next ones are live")
        yield Step(text % {"day": date_format(last)}, reverse("admin:routing_release_publish"))


def _plans_not_done() -> Iterator[Step]:
    """Releases that were planned and did not happen, within the last week."""
    since = timezone.now() - figures.WEEK
    failed = PlannedRelease.objects.filter(state=PlannedRelease.State.FAILED, starts_at__gte=since)
    for plan in failed[:MOST_ALERTS]:
        text = _("Planned, but not done: %(note)s. %(why)s") % {"note": plan.note, "why": plan.problem}
        yield Step(text, reverse("admin:routing_release_publish"))


def _given_up(user: Any) -> Iterator[Step]:
    """What other systems were not told within the last week."""
    models = [model for model in (Delivery, Notification) if _may_see(user, model)]
    if not models:
        return
    since = timezone.now() - figures.WEEK
    # One query for both, beside the person himself.
    counts = User.objects.filter(pk=user.pk).values_list(*(figures.number_given_up(model, since) for model in models))
    for model, count in zip(models, counts.get(), strict=True):
        if count:
            names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            text = _("Given up within a week: %(n)s %(names)s") % {"n": count, "names": names}
            yield Step(text, reverse(f"admin:routing_{model._meta.model_name}_changelist") + "?state__exact=dead")
