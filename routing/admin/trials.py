"""The page “Try a call”: where a call would go, why, and what the provider would be told."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.addresses import NO_COUNTRY
from customers.sources import SourceError
from routing import publishing, trial, wording
from routing.admin import kept_trials, pictures
from routing.admin.answer_words import told_to_the_provider
from routing.admin.origins import missing_words
from routing.admin.trial_form import LIVE, TrialForm, form_of
from routing.admin.verdicts import judged
from routing.answers import Answer
from routing.contacts import Contact
from routing.document import render
from routing.listed_callers import pilot_of
from routing.masking import SEES_CALLERS, without
from routing.models import Number
from routing.providers import DIALECTS
from routing.providers.base import VoiceDialect
from routing.release import ReleaseError, region_of

AFTER_URL = "https://calls.example.com/after"


def try_a_call(request: HttpRequest) -> HttpResponse:
    """The form, and below it what would happen. By POST the call is kept as a sample call; else nothing is stored."""
    if not request.user.has_perm("routing.view_flow"):
        raise PermissionDenied
    form = form_of(request)
    result = _result(request, form) if form.is_bound and form.is_valid() else None
    if request.method == "POST":
        if result is None or not result["sample"].may_be_kept:
            raise PermissionDenied
        result["sample"].keep()
        messages.success(request, _("Kept as a sample call of the flow: it is tried before every release."))
        return redirect(reverse("try_a_call", query={name: request.POST.get(name, "") for name in form.fields}))
    context = {**admin.site.each_context(request), "title": _("Try a call"), "form": form, "result": result}
    return TemplateResponse(request, "admin/routing/flow/try.html", context)


def _result(request: HttpRequest, form: TrialForm) -> dict[str, Any]:
    try:
        return _tried(request, form)
    except (ReleaseError, SourceError) as error:
        return {"error": _("This cannot be decided yet: %(why)s") % {"why": error}, "sample": kept_trials.NONE}


def _tried(request: HttpRequest, form: TrialForm) -> dict[str, Any]:
    number: Number = form.cleaned_data["number"]
    contact = Contact("trial", "trial", number.address, form.calls_from, number.channel)
    document, release, pilot = _decided_by(form.cleaned_data["by"], contact)
    tried = trial.try_call(document, release, contact, form.at)
    stopped = None if pilot else tried.stopped
    answer = (stopped or tried.evaluation).answer
    entries = wording.entries_of(document, number.flow.slug if number.flow else None)
    known = sorted(tried.evaluation.variables.items())
    words = {
        "sentence": tried.sentence,
        "branches": judged(tried.verdicts, entries),
        "known": {name: wording.seen_in_words(name, seen, entries) for name, seen in known},
        "answer": _in_the_providers_words(answer, number),
    }
    return {
        **(words if request.user.has_perm(SEES_CALLERS) else without(form.calls_from, words)),
        "at": form.at,
        "stopped": _stopped_words(stopped.answer, document) if stopped else "",
        "pilot": pilot,
        "picture": _picture(request, tried),
        "missing": [missing_words(str(each)) for each in tried.evaluation.answer["degraded"]],
        "told": told_to_the_provider(answer, document),
        "sample": kept_trials.Sample.of(request.user, tried, number, form),
    }


def _decided_by(by: str, contact: Contact) -> tuple[Mapping[str, Any], int, int]:
    """The document, its number, and the pilot that it is the draft of (0: none), as a call would be decided now.

    Of ten thousand numbers the document has the one that is called.
    """
    live = publishing.live() if by == LIVE else None
    if live is None:
        return render(only_numbers=Number.objects.filter(channel=contact.channel, address=contact.to)), 0, 0
    document = _with_number_called(publishing.contents(live) or {}, contact)
    if pilot := pilot_of(contact, region_of(contact.to) if document["numbers"] else NO_COUNTRY):
        return _with_number_called(json.loads(pilot.document), contact), 0, pilot.pk
    return document, live.number, 0


def _with_number_called(document: dict[str, Any], contact: Contact) -> dict[str, Any]:
    called = f"{contact.channel}:{contact.to}"
    return document | {"numbers": {key: row for key, row in document["numbers"].items() if key == called}}


def _stopped_words(answer: Answer, document: Mapping[str, Any]) -> str:
    if answer["action"] == "reject":
        return _("This caller is blocked: the call is turned away before the flow. Without that:")
    queue = document["queues"].get(answer.get("queue"), {}).get("name", "")
    return _("This caller is blocked: the call goes to %(queue)s before the flow. Without that:") % {"queue": queue}


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
