"""The page that publishes: what differs by thing and author, what is wrong with what is ticked, and the button."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from routing import picking, planning, problems, publishing, sampling
from routing.admin import plan_pages
from routing.admin.places import urls_to_mend
from routing.admin.plan_pages import PlanTimes
from routing.admin.publish_rows import Row, by_heading, rows, ticked
from routing.admin.release_pages import (
    PUBLISH,
    RELEASES,
    VIEW,
    NoteForm,
    announce,
    page,
    person,
    refused,
    require,
    tell_of,
)
from routing.differences import title_of
from routing.document import Document, canonical, checksum, render
from routing.models import Release
from routing.picking import Lack
from routing.release import ReleaseError

TICK, CHECK, NEEDED = "tick", "check", "needed"
"""The tick boxes; the button that only looks, and the value of the one that ticks what is needed."""


class PublishForm(PlanTimes, NoteForm):
    """The note, what its writer has before him, and a time when it is not to be now."""

    seen = forms.CharField(widget=forms.HiddenInput)
    live = forms.IntegerField(widget=forms.HiddenInput, required=False)


def publish(request: HttpRequest) -> HttpResponse:
    """What publishing would change, what keeps it from being published, and the button."""
    may_publish = request.user.has_perm(PUBLISH)
    require(may_publish or (request.method != "POST" and request.user.has_perm(VIEW)))
    form = PublishForm(request.POST) if request.method == "POST" else PublishForm()
    live, draft = publishing.live(), render()
    listed = rows(request, live, draft, _sent(request))
    if request.POST.get(CHECK) == NEEDED:
        listed = _with_what_is_needed(listed, live, draft)
    is_to_go = form.is_bound and CHECK not in request.POST and form.is_valid()
    if is_to_go and _was_published(request, form, listed):
        return redirect(RELEASES)
    if not form.is_bound or CHECK in request.POST or not form.errors:
        form = PublishForm(initial={**_typed(request), "seen": _checksum(draft), "live": live.number if live else None})
    context = {
        "title": _("Publish the draft"),
        "form": form,
        "live": live,
        "plans": planning.ahead(),
        "groups": by_heading(listed),
        "ticks": sum(row.ticked for row in listed),
        "may_publish": may_publish,
        **_judged(request, live, draft, listed),
    }
    return page(request, "publish", context)


def _with_what_is_needed(listed: list[Row], live: Release | None, draft: Document) -> list[Row]:
    needed = {lack.needs for lack in picking.lacking(publishing.contents(live), draft, ticked(listed))}
    return [
        replace(row, ticked=row.ticked or (row.may_tick and not needed.isdisjoint(row.what.things))) for row in listed
    ]


def _checksum(draft: Document) -> str:
    return checksum(canonical(draft))


def _sent(request: HttpRequest) -> list[str] | None:
    """The boxes that were ticked; None when the page is opened."""
    return request.POST.getlist(TICK) if request.method == "POST" else None


def _typed(request: HttpRequest) -> dict[str, str]:
    """What stood in the fields, so that a page that is shown again has lost nothing."""
    return {name: request.POST[name] for name in ("note", "starts_at", "ends_at") if name in request.POST}


def _judged(request: HttpRequest, live: Release | None, draft: Document, listed: list[Row]) -> dict[str, Any]:
    """What is missing in what is ticked, what is wrong with it, and how the sample calls end."""
    before, chosen = publishing.contents(live), ticked(listed)
    if not chosen and live:
        return {}
    lacks = picking.lacking(before, draft, chosen)
    document = picking.pick(before, draft, chosen | {lack.needs for lack in lacks})
    found = publishing.find_problems(document, None if document == draft else before)
    urls = urls_to_mend(request, found, document)
    told = [{"severity": each.severity, "message": each.message, "url": urls[each.path]} for each in found]
    needed = [_lack(each, before, draft, listed) for each in lacks]
    return {
        "lacks": needed,
        "can_tick_needed": all(each["row"] and each["row"].may_tick for each in needed),
        "errors": [each for each in told if each["severity"] == problems.ERROR],
        "warnings": [each for each in told if each["severity"] == problems.WARNING],
        "samples": _samples(document),
    }


def _lack(lack: Lack, live: Document | None, draft: Document, listed: list[Row]) -> dict[str, Any]:
    """What is needed for what, the row in which it can be ticked, and whom to ask about it."""
    row = next((row for row in listed if lack.needs in row.what.things), None)
    return {
        "thing": title_of(lack.thing, live, draft),
        "needs": title_of(lack.needs, live, draft),
        "row": row,
    }


def _samples(document: Document) -> list[sampling.Outcome]:
    """How the sample calls end; none where the document has errors of its own."""
    try:
        return sampling.outcomes(document)
    except ReleaseError:
        return []


def _was_published(request: HttpRequest, form: PublishForm, listed: list[Row]) -> bool:
    given = form.cleaned_data
    choice = publishing.Choice(given["seen"], given["live"], ticked(listed))
    if listed and not choice.ticked:
        messages.warning(request, _("Nothing is ticked. Tick what is to be published."))
        return False
    try:
        if given["starts_at"] or given["ends_at"]:
            plan_pages.put_down(request, given, choice)
            return True
        release = publishing.publish(given["note"], person(request), choice)
    except publishing.NotPublishable:
        messages.error(request, _("Nothing was published: please mend the errors first."))
    except publishing.NotWhole:
        messages.error(request, _("Nothing was published: what you ticked needs more. See below."))
    except publishing.DraftChanged:
        messages.warning(request, _("Somebody changed the draft while you were reading. Please look again."))
    except publishing.LiveChanged as refusal:
        tell_of(request, refusal.release)
    except (publishing.NothingToPublish, ReleaseError) as refusal:
        refused(request, refusal)
    else:
        announce(request, release)
        _tell_what_stays(request, sum(len(row.what.things) for row in listed if not row.ticked))
        return True
    return False


def _tell_what_stays(request: HttpRequest, count: int) -> None:
    if count:
        message = ngettext(
            "%(count)s changed thing stays in the draft.", "%(count)s changed things stay in the draft.", count
        )
        messages.info(request, message % {"count": count})
