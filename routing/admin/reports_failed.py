"""The VIPs we failed on one day: each with the reason in words, and a way to the decision."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings as site
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from contactcenter.foundation.admin import left_to_right
from queues.models import Queue
from routing.admin.reasons import REASONS
from routing.admin.reports_forms import FailedForm
from routing.masking import masked
from routing.models import Channel, ReportSettings
from routing.reports.failing import (
    ANNOUNCED,
    DEFAULT,
    HUNG_UP,
    LATE,
    MOST_READ,
    MOVED_ON,
    NOBODY,
    SENT_ELSEWHERE,
    Failed,
    failures,
    vip_tiers,
)
from routing.reports.periods import Period
from routing.reports.wording import count, percent, seconds

MOST_SHOWN = 500

WORDS: dict[str, Any] = {
    ANNOUNCED: lazy("Heard a recording instead of an agent, because %(why)s."),
    HUNG_UP: lazy("Hung up after %(wait)s; “%(queue)s” promises an answer within %(target)s."),
    NOBODY: lazy("No agent answered: the call left “%(queue)s” after %(wait)s."),
    LATE: lazy("Answered after %(wait)s; “%(queue)s” promises %(target)s."),
    SENT_ELSEWHERE: lazy("Went to “%(queue)s” instead of the queue that was meant, because %(why)s."),
    MOVED_ON: lazy("“%(queue)s” did not take it in time; it went on to “%(other)s”."),
    DEFAULT: lazy("Took the default way, because %(why)s."),
}
MISSING = {
    "timeout": lazy("“%(source)s” did not answer in time."),
    "error": lazy("“%(source)s” could not be asked."),
    "stale": lazy("“%(source)s” was known only from an earlier time."),
}


def failed_page(request: HttpRequest) -> dict[str, Any]:
    """The form, and who was failed on its day."""
    settings = ReportSettings.current()
    yesterday = timezone.localdate() - timedelta(days=1)
    usual = {"day": yesterday.isoformat(), "tier": settings.vip_tier.slug if settings.vip_tier else ""}
    form = FailedForm({**usual, **request.GET.dict()})
    return {"form": form, **(_found(form, settings) if form.is_valid() else {})}


def _found(form: FailedForm, settings: ReportSettings) -> dict[str, Any]:
    day = form.cleaned_data["day"]
    period = Period(day, day, ZoneInfo(site.TIME_ZONE))
    tiers = vip_tiers(form.cleaned_data["tier"])
    found = failures(period, tiers, settings)
    names = {
        "tiers": {tier.slug: tier.name for tier in tiers},
        "queues": dict(Queue.objects.values_list("slug", "name")),
    }
    return {
        "period": period,
        "tiers": [tier.name for tier in tiers],
        "rows": [_row(each, period, names) for each in found.failed[:MOST_SHOWN]],
        "most_shown": count(MOST_SHOWN) if len(found.failed) > MOST_SHOWN else "",
        "contacts": count(found.contacts),
        "failed": count(len(found.failed)),
        "share": percent(len(found.failed) / found.contacts) if found.contacts else "",
        "most": count(MOST_READ) if found.is_cut else "",
    }


def _row(failed: Failed, period: Period, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    contact = failed.contact
    return {
        "at": contact.decided_at.astimezone(period.zone),
        "tier": names["tiers"].get(contact.tier, contact.tier),
        "caller": left_to_right(masked(contact.caller)) if contact.caller else _("hidden"),
        "channel": Channel(contact.channel).label,
        "why": sentences(failed, names["queues"]),
        "url": reverse("admin:routing_decision_change", args=[contact.pk]),
    }


def sentences(failed: Failed, queues: dict[str, str]) -> list[str]:
    """What went wrong with one contact, and what was missing when it was decided."""
    contact = failed.contact
    words = {
        "queue": queues.get(contact.queue, contact.queue),
        "other": queues.get(contact.outcome.other_queue, contact.outcome.other_queue),
        "wait": seconds(contact.outcome.wait_s),
        "target": seconds(contact.terms.target_s),
        "why": REASONS[contact.reason][1] if contact.reason in REASONS else contact.reason,
    }
    said = [str(WORDS[cause]) % words for cause in failed.causes]
    for each in contact.degraded:
        source, _colon, status = each.partition(":")
        if status in MISSING:
            said.append(str(MISSING[status]) % {"source": source})
    return said
