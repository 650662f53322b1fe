"""Publishing that is not for now, or only for a while: its fields, what is said of it, and taking it back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routing import planning, publishing
from routing.models import PlannedRelease

PUBLISH = "routing.publish_release"
RELEASES = "admin:routing_release_changelist"
State = PlannedRelease.State


def _moment(label: Any, help_text: Any) -> forms.DateTimeField:
    """A moment on the portal's clock, chosen with the browser's own calendar."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget, help_text=help_text)


class PlanTimes(forms.Form):
    """When it goes live, and when it goes back; both may be left empty."""

    starts_at = _moment(gettext_lazy("goes live"), gettext_lazy("Empty: now."))
    ends_at = _moment(
        gettext_lazy("goes back"), gettext_lazy("Then what is live before it comes back. Empty: it stays.")
    )

    def clean(self) -> dict[str, Any]:
        """Refuses times that are over, and an end before the beginning."""
        given = super().clean() or {}
        starts, ends, now = given.get("starts_at"), given.get("ends_at"), timezone.now()
        if starts and starts <= now:
            self.add_error("starts_at", _("This time is over. Leave it empty to publish now."))
        if ends and ends <= (starts or now):
            self.add_error("ends_at", _("It must go back after it went live."))
        return given


def put_down(request: HttpRequest, given: dict[str, Any], choice: publishing.Choice) -> None:
    """Plan what the form asks for, and begin at once when it begins now. Raises as `planning.plan` does."""
    person: Any = request.user
    starts_at = given["starts_at"] or timezone.now()
    plan = planning.plan(given["note"], starts_at, given["ends_at"], person, choice)
    planning.carry_out()
    plan.refresh_from_db()
    if plan.state == State.FAILED:
        messages.error(request, plan.problem)
    elif plan.state == State.WAITING:
        messages.success(request, _("Planned: it goes live on %(start)s.") % {"start": _told(plan.starts_at)})
    else:
        messages.success(request, _("It is live. It goes back on %(end)s.") % {"end": _told(plan.ends_at)})


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a plan back; what it made live already stays."""
    if request.method != "POST" or not request.user.has_perm(PUBLISH):
        raise PermissionDenied
    plan = get_object_or_404(PlannedRelease, pk=pk)
    if planning.cancel(plan):
        messages.success(request, _("The plan “%(note)s” is cancelled.") % {"note": plan.note})
    else:
        messages.warning(request, _("This plan was carried out or cancelled already."))
    return redirect(RELEASES)


def _told(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
