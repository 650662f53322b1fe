"""The pages that publish the draft, go back to an earlier release, or make the draft equal to one."""

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
from routing import problems, publishing, sampling
from routing.admin import plan_pages
from routing.admin.places import urls_of
from routing.admin.plan_pages import PlanTimes
from routing.differences import differences, grouped
from routing.document import Document, canonical, checksum, render
from routing.models import Flow, Number, Release
from routing.release import ReleaseError
from routing.restoring import CannotReset, reset_draft

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


class PublishForm(PlanTimes, NoteForm):
    """The note, the checksum of the draft that its writer has before him, and a time when it is not to be now."""

    seen = forms.CharField(widget=forms.HiddenInput)


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


def publish(request: HttpRequest) -> HttpResponse:
    """What publishing would change, what keeps it from being published, and the button."""
    may_publish = request.user.has_perm(PUBLISH)
    _require(may_publish or (request.method != "POST" and request.user.has_perm(VIEW)))
    form = PublishForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _was_published(request, form):
        return redirect(RELEASES)
    document = render()
    if not form.errors:
        note = request.POST.get("note", "")
        form = PublishForm(initial={"note": note, "seen": checksum(canonical(document))})
    found = _problems(request, document)
    context = {
        "title": _("Publish the draft"),
        "form": form,
        "live": publishing.live(),
        "changed": grouped(differences(publishing.contents(publishing.live()), document)),
        "errors": [each for each in found if each["severity"] == problems.ERROR],
        "samples": _samples(document),
        "warnings": [each for each in found if each["severity"] == problems.WARNING],
        "may_publish": may_publish,
    }
    return page(request, "publish", context)


def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What going back to this release changes, and the button."""
    _require(request.user.has_perm(ROLL_BACK))
    earlier = get_object_or_404(Release, pk=pk)
    initial = {"note": _("Back to release %(number)s") % {"number": earlier.number}}
    form = NoteForm(request.POST or None, initial=initial)
    if form.is_valid() and _was_rolled_back(request, earlier, form.cleaned_data["note"]):
        return redirect(RELEASES)
    document = publishing.contents(earlier) or {}
    context = {
        "title": _("Roll back to release %(number)s") % {"number": earlier.number},
        "release": earlier,
        "form": form,
        "changed": grouped(differences(publishing.contents(publishing.live()), document)),
    }
    return page(request, "roll_back", context)


def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """What making the draft equal to this release changes in the draft, and the button. Calls notice nothing."""
    _require(may_reset(request))
    release = get_object_or_404(Release, pk=pk)
    document = publishing.contents(release) or {}
    if request.method == "POST" and _was_reset(request, release, document):
        return redirect("admin:routing_release_change", release.pk)
    context = {
        "title": _("Reset the draft to release %(number)s") % {"number": release.number},
        "release": release,
        "changed": grouped(differences(render(), document)),
    }
    return page(request, "reset", context)


def _require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def _problems(request: HttpRequest, document: Document) -> list[dict[str, str]]:
    found = publishing.find_problems(document)
    urls = urls_of(request, [problem.path for problem in found])
    return [{"severity": each.severity, "message": each.message, "url": urls[each.path]} for each in found]


def _samples(document: Document) -> list[sampling.Outcome]:
    """How the sample calls end; none where the draft has errors of its own."""
    try:
        return sampling.outcomes(document)
    except ReleaseError:
        return []


def _was_published(request: HttpRequest, form: PublishForm) -> bool:
    given = form.cleaned_data
    try:
        if given["starts_at"] or given["ends_at"]:
            plan_pages.put_down(request, given)
            return True
        release = publishing.publish(given["note"], _person(request), given["seen"])
    except publishing.NotPublishable:
        messages.error(request, _("Nothing was published: please mend the errors first."))
    except publishing.DraftChanged:
        messages.warning(request, _("Somebody changed the draft while you were reading. Please look again."))
    except (publishing.NothingToPublish, ReleaseError) as refusal:
        _refused(request, refusal)
    else:
        _announce(request, release)
        return True
    return False


def _was_rolled_back(request: HttpRequest, earlier: Release, note: str) -> bool:
    try:
        release = publishing.roll_back(earlier, note, _person(request))
    except (publishing.NothingToPublish, ReleaseError) as refusal:
        _refused(request, refusal)
        return False
    _announce(request, release)
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


def _person(request: HttpRequest) -> Any:
    return request.user


def _refused(request: HttpRequest, refusal: Exception) -> None:
    if isinstance(refusal, publishing.NothingToPublish):
        messages.warning(request, _("There is nothing to publish: this is what is live already."))
    else:
        messages.error(request, _("This cannot be published: %(reason)s") % {"reason": refusal})


def _announce(request: HttpRequest, release: Release) -> None:
    admin.site.get_model_admin(Release).log_addition(request, release, release.note)
    message = _("Release %(number)s is published. Calls follow it within 2 seconds.")
    messages.success(request, message % {"number": release.number})
