"""The page “What if”: what more agents, or agents of their own for the best customers, would change."""

from collections.abc import Callable
from datetime import date, timedelta, tzinfo
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from queues.admin.what_if_answer import Answer, answer
from queues.admin.what_if_form import WhatIfForm
from queues.admin.what_if_known import known
from queues.arrivals import BusiestHour
from queues.models import Queue
from queues.waiting import Absurd

Count = Callable[[date, tzinfo], BusiestHour]
"""Finds the busiest hour of a day on somebody's clock."""

TODAY = "today"


def what_if(request: HttpRequest, count: Count) -> TemplateResponse:
    """The page. Everything asked stands in its address, so that an answer can be sent to a colleague."""
    if not admin.site.has_permission(request) or not request.user.has_perm("queues.view_queue"):
        raise PermissionDenied
    hour = _hour(count, is_today=request.GET.get("from") == TODAY)
    initial = known(hour)
    is_asked = "agents" in request.GET
    form = WhatIfForm(hour.tiers, request.GET if is_asked else initial)
    if not is_asked and not form.is_valid():  # something is not reported: that is nobody's mistake
        form = WhatIfForm(hour.tiers, initial=initial)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("What if"),
        "opts": Queue._meta,
        "form": form,
        "hour": None if is_asked else hour,
        "ends_at": hour.starts_at and hour.starts_at + timedelta(hours=1),
        "zone": timezone.get_default_timezone_name(),
        "is_asked": is_asked,
        "answer": _answered(form) if form.is_valid() else None,
    }
    return TemplateResponse(request, "admin/queues/what_if.html", context)


def _hour(count: Count, *, is_today: bool) -> BusiestHour:
    """Of the same weekday a week ago, a whole day; of today where that is asked for or all there is."""
    zone = timezone.get_default_timezone()
    today = timezone.localdate(timezone=zone)
    hour = count(today if is_today else today - timedelta(days=7), zone)
    return hour if hour.starts_at or is_today else count(today, zone)


def _answered(form: WhatIfForm) -> Answer | None:
    try:
        return answer(form.asked())
    except Absurd:
        form.add_error(
            None, _("With these numbers the line would be longer than any line is. Is one of them mistyped?")
        )
        return None
