"""The pages that go back to an earlier release, or make the draft equal to one; and what the publish page shares."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from customers.models import AttributeDefinition, DataSource, LoyaltyTier
from queues.models import Calendar, HelpDesk, PhoneSystem, Queue
from routing import publishing
from routing.differences import differences, grouped
from routing.document import Document, render
from routing.models import Flow, Number, Release
from routing.release import ReleaseError
from routing.restoring import CannotReset, reset_draft
from routing.whose import of_others

PUBLISH, ROLL_BACK, VIEW = "routing.publish_release", "routing.rollback_release", "routing.view_release"
RELEASES = "admin:routing_release_changelist"
DRAFT: tuple[type[Model], ...] = (
    Flow,
    Number,
    Queue,
    Calendar,
    PhoneSystem,
    HelpDesk,
    LoyaltyTier,
    AttributeDefinition,
    DataSource,
)
"""What a reset of the draft adds, changes and deletes."""


class NoteForm(forms.ModelForm):
    """What changed and why."""

    class Meta:
        model = Release
        fields = ("note",)
        widgets = {"note": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})}


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
    """One of our templates within the admin's frame."""
    frame = {**admin.site.each_context(request), "opts": Release._meta}
    return TemplateResponse(request, f"admin/routing/release/{name}.html", frame | context)


def may_reset(request: HttpRequest) -> bool:
    """Whether this person may add, change and delete everything that a reset of the draft may."""
    return all(
        request.user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")
        for model in DRAFT
        for action in ("add", "change", "delete")
    )


class RollBackForm(NoteForm):
    """The note, and which release its writer wants to take back."""

    live = forms.IntegerField(widget=forms.HiddenInput, required=False)


def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What going back to this release changes, and the button."""
    require(request.user.has_perm(ROLL_BACK))
    earlier, live = get_object_or_404(Release, pk=pk), publishing.live()
    form = RollBackForm(request.POST or None)
    found = differences(publishing.contents(live), publishing.contents(earlier) or {})
    others = of_others(request.user, found, render())
    if not others and form.is_valid() and _was_rolled_back(request, earlier, form.cleaned_data):
        return redirect(RELEASES)
    if not form.errors:
        form = RollBackForm(
            initial={
                "live": live.number if live else None,
                "note": request.POST.get("note") or note_back(earlier),
            }
        )
    context = {
        "title": _("Roll back to release %(number)s") % {"number": earlier.number},
        "release": earlier,
        "form": form,
        "changed": grouped(found),
        "others": others,
    }
    return page(request, "roll_back", context)


def way_back(user: Any, release: Release | None) -> dict[str, Any]:
    """What back.html needs to go back from the live `release`; empty where that cannot be, or he may not."""
    earlier = publishing.before(release) if release and user.has_perm(ROLL_BACK) else None
    return {"live": release, "earlier": earlier, "note": note_back(earlier)} if earlier else {}


def what_going_back_changes(way: dict[str, Any]) -> list[Any]:
    """The differences for callers, under their headings; empty where no way leads back."""
    if not way:
        return []
    return grouped(differences(publishing.contents(way["live"]), publishing.contents(way["earlier"]) or {}))


def note_back(earlier: Release) -> str:
    """What is noted when nobody writes anything else."""
    return _("Back to release %(number)s") % {"number": earlier.number}


def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """What making the draft equal to this release changes in the draft, and the button. Calls notice nothing."""
    require(may_reset(request))
    release = get_object_or_404(Release, pk=pk)
    document, draft = publishing.contents(release) or {}, render()
    found = differences(draft, document)
    others = of_others(request.user, found, draft)
    if request.method == "POST" and not others and _was_reset(request, release, document):
        return redirect("admin:routing_release_change", release.pk)
    context = {
        "title": _("Reset the draft to release %(number)s") % {"number": release.number},
        "release": release,
        "changed": grouped(found),
        "others": others,
    }
    return page(request, "reset", context)


def require(allowed: bool) -> None:
    """Raises PermissionDenied."""
    if not allowed:
        raise PermissionDenied


def _was_rolled_back(request: HttpRequest, earlier: Release, given: dict[str, Any]) -> bool:
    try:
        release = publishing.roll_back(earlier, given["note"], person(request), given["live"])
    except publishing.LiveChanged as refusal:
        tell_of(request, refusal.release)
        return False
    except (publishing.NothingToPublish, ReleaseError) as refusal:
        refused(request, refusal)
        return False
    announce(request, release)
    messages.info(request, _("What was taken back stays in the draft, marked as withdrawn."))
    return True


def _was_reset(request: HttpRequest, release: Release, document: Document) -> bool:
    try:
        reset_draft(document)
    except CannotReset as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
        return False
    admin.site.get_model_admin(Release).log_change(request, release, _("The draft was reset to this release."))
    message = _("The draft is what release %(number)s holds. Calls notice nothing until you publish it.")
    messages.success(request, message % {"number": release.number})
    return True


def person(request: HttpRequest) -> Any:
    """Whoever asks, as a model takes him."""
    return request.user


def refused(request: HttpRequest, refusal: Exception) -> None:
    """Say why nothing went live."""
    if isinstance(refusal, publishing.NothingToPublish):
        messages.warning(request, _("There is nothing to publish: this is what is live already."))
    else:
        messages.error(request, _("This cannot be published: %(reason)s") % {"reason": refusal})


def announce(request: HttpRequest, release: Release) -> None:
    """Log it, and say that it is live."""
    admin.site.get_model_admin(Release).log_addition(request, release, release.note)
    message = _("Release %(number)s is published. Calls follow it within 2 seconds.")
    messages.success(request, message % {"number": release.number})


def tell_of(request: HttpRequest, release: Release | None) -> None:
    """Say that somebody else was faster."""
    if release is None:
        return
    message = _("Release %(number)s was published while you were reading. Please look again.")
    if release.published_by:
        message = _("Release %(number)s was published by %(who)s while you were reading. Please look again.")
    messages.warning(request, message % {"number": release.number, "who": release.published_by})
