"""The page “Try a call”."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.team_admin import limit
from customers.sources import SourceError
from routing import publishing, trial, wording
from routing.admin import pictures
from routing.admin.verdicts import judged
from routing.answers import Answer
from routing.contacts import Contact
from routing.document import render
from routing.models import Number
from routing.providers import DIALECTS
from routing.providers.base import VoiceDialect
from routing.release import ReleaseError

OTHER = "other"
AFTER_URL = "https://calls.example.com/after"


class TrialForm(forms.Form):
    """Who calls which number, when, and by which configuration."""

    number = forms.ModelChoiceField(
        Number.objects.select_related("flow", "account"),
        label=_("Number called"),
        help_text=_("Where the contact comes in."),
    )
    caller = forms.ChoiceField(label=_("Who calls"), help_text=_("One real customer of every tier, and others."))
    address = forms.CharField(
        label=_("Another number"), required=False, max_length=64, help_text=_("Used when “another number” is chosen.")
    )
    when = forms.ChoiceField(
        label=_("When"),
        choices=[(trial.NOW, _("now")), (trial.TONIGHT, _("tonight at 22:00")), (trial.SUNDAY, _("Sunday at 11:00"))],
        help_text=_("On the clock of the number called."),
    )
    by = forms.ChoiceField(
        label=_("By"),
        choices=[("draft", _("the draft, as it is being edited")), ("live", _("the live release, as calls follow it"))],
        help_text=_("What is not published yet is in the draft only."),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, user)
        known = [(each.address, each.label) for each in trial.ready_made()]
        self.fields["caller"].choices = [*known, (OTHER, _("another number"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuses “another number” without one, and the live release before the first is published."""
        given = super().clean() or {}
        if given.get("caller") == OTHER and not given.get("address"):
            self.add_error("address", _("Type the number that calls."))
        if given.get("by") == "live" and publishing.live() is None:
            self.add_error("by", _("Nothing is published yet: try the draft."))
        return given


def try_a_call(request: HttpRequest) -> TemplateResponse:
    """The form, and below it what would happen. Nothing is stored: a trial can be reloaded and linked to."""
    if not request.user.has_perm("routing.view_flow"):
        raise PermissionDenied
    form = TrialForm(request.user, request.GET if "number" in request.GET else None)
    context = {
        **admin.site.each_context(request),
        "title": _("Try a call"),
        "form": form,
        "result": _result(request, form) if form.is_valid() else None,
    }
    return TemplateResponse(request, "admin/routing/flow/try.html", context)


def _result(request: HttpRequest, form: TrialForm) -> dict[str, Any]:
    given = form.cleaned_data
    number: Number = given["number"]
    live = publishing.live() if given["by"] == "live" else None
    document, release = (json.loads(live.document), live.number) if live else (render(), 0)
    caller = given["address"] if given["caller"] == OTHER else given["caller"]
    contact = Contact("trial", "trial", number.address, caller, number.channel)
    at = trial.moment(given["when"], ZoneInfo(number.time_zone), timezone.now())
    try:
        tried = trial.try_call(document, release, contact, at)
    except (ReleaseError, SourceError) as error:
        return {"error": _("This cannot be decided yet: %(why)s") % {"why": error}}
    entries = wording.entries_of(document, number.flow.slug if number.flow else None)
    return {
        "at": at,
        "sentence": tried.sentence,
        "picture": _picture(request, tried),
        "branches": judged(tried.verdicts, entries),
        "variables": {name: wording.seen_in_words(name, seen, entries) for name, seen in _known(tried)},
        "degraded": tried.evaluation.answer["degraded"],
        "answer": _in_the_providers_words(tried.evaluation.answer, number),
    }


def _picture(request: HttpRequest, tried: trial.Trial) -> dict[str, Any] | None:
    """The flow with the path that was taken lit up; None where no flow was walked."""
    flow, choice = str(tried.evaluation.answer.get("flow", "")), tried.evaluation.choice
    if choice is None or flow not in tried.document["flows"]:
        return None
    return pictures.of_flow(request, tried.document, flow, taken=choice.path.slug)


def _in_the_providers_words(answer: Answer, number: Number) -> str:
    """What the provider of this number would get, as text."""
    dialect = DIALECTS.get(number.account.dialect)
    if number.channel == "voice" and isinstance(dialect, VoiceDialect):
        return dialect.render(answer, AFTER_URL, number.address).body.decode()
    return json.dumps(answer, indent=2, ensure_ascii=False)


def _known(tried: trial.Trial) -> list[tuple[str, Any]]:
    return sorted(tried.evaluation.variables.items())
