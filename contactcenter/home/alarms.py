"""What somebody should look at: alerts, silent numbers, what was planned or told and did not happen."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contactcenter.accounts.models import User
from contactcenter.foundation import teams
from contactcenter.home.parts import Step, may_see
from customers.alerts.conditions import CONDITIONS, SILENT
from customers.models import Alert, Heartbeat
from queues import public_holidays
from queues.models import Calendar
from routing import number_use
from routing.messaging import figures
from routing.models import Delivery, Notification, Number, PlannedRelease, Release

MOST_ALERTS = 10
HOLIDAYS_END_SOON = timedelta(days=60)


def alarms(user: Any, release: Release | None) -> Iterator[Step]:
    """What is wrong, as far as this person may see it; each with the place where it can be mended."""
    if may_see(user, Alert):
        yield from _alerts()
    if may_see(user, Number):
        yield from _numbers(user)
    yield from _holidays_run_out(release)
    if may_see(user, Release):
        yield from _plans_not_done()
    yield from _given_up(user)


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


def _numbers(user: Any) -> list[Step]:
    """Numbers that lead nowhere, and numbers on which nobody has called for too long."""
    silent = teams.visible(number_use.silent(timezone.now()), user).count()
    lost = teams.visible(number_use.without_flow(), user).count()
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
    recent = Q(starts_at__gte=since) | Q(ends_at__gte=since)
    failed = PlannedRelease.objects.filter(recent, state=PlannedRelease.State.FAILED)
    for plan in failed[:MOST_ALERTS]:
        text = _("Planned, but not done: %(note)s. %(why)s") % {"note": plan.note, "why": plan.problem}
        yield Step(text, reverse("admin:routing_release_publish"))


def _given_up(user: Any) -> Iterator[Step]:
    """What other systems were not told within the last week."""
    models = [model for model in (Delivery, Notification) if may_see(user, model)]
    if not models:
        return
    since = timezone.now() - figures.WEEK
    # One query for both, beside the person himself.
    counts = User.objects.filter(pk=user.pk).values_list(*(figures.number_given_up(model, since) for model in models))
    for model, count in zip(models, counts.get(), strict=True):
        if count:
            names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            text = _("Given up in the last seven days: %(n)s %(names)s") % {"n": count, "names": names}
            yield Step(text, reverse(f"admin:routing_{model._meta.model_name}_changelist") + "?state__exact=dead")
