"""The last step: what will be made, where callers would go by it, and the button that makes it live."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.foundation.models import GuidedSetUp
from contactcenter.guided import kept
from contactcenter.guided.customers_step import COLLEAGUE, is_crm_connected
from contactcenter.guided.going_live import proposal
from contactcenter.guided.making import NotWhole, make
from contactcenter.guided.steps import ASKING, CUSTOMERS, PUBLISH, TITLES, may_make, url_of
from contactcenter.guided.summary import summary
from contactcenter.guided.trying import tries
from contactcenter.guided.views import page
from routing import problems, publishing
from routing.admin.places import urls_of
from routing.models import Number, NumberUse, Release
from routing.release import ReleaseError

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Release]
else:
    ModelForm = forms.ModelForm  # not subscriptable at run time

MAY_PUBLISH = "routing.publish_release"


class PublishForm(ModelForm):
    """Why, and which draft and release its reader has before him."""

    seen = forms.CharField(widget=forms.HiddenInput)
    live = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Release
        fields = ("note",)
        widgets = {"note": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})}


def last(request: HttpRequest, pk: Any) -> HttpResponse:
    """Make, try and publish."""
    set_up = GuidedSetUp.objects.filter(pk=pk).first()
    if set_up is None:  # published already, by a second press of the button or by a colleague
        return redirect("admin:index")
    if not _may_read(set_up, request.user):
        raise PermissionDenied
    go = request.POST.get("go", "")
    if go in ASKING:
        return redirect(url_of(set_up, go))
    if go == "make":
        return _made(request, set_up)
    number = Number.objects.select_related("flow", "account").filter(pk=set_up.made.get("number")).first()
    if set_up.made and (number is None or number.flow is None or _is_live(number)):
        return _over(set_up, number)
    if go == "publish" and number is not None:
        return _published(request, set_up, number)
    return _shown(request, set_up, number, None)


def _made(request: HttpRequest, set_up: GuidedSetUp) -> HttpResponse:
    if not may_make(request.user):
        raise PermissionDenied
    try:
        with transaction.atomic():
            make(get_object_or_404(GuidedSetUp.objects.select_for_update(), pk=set_up.pk), request)
    except NotWhole as missing:
        words = _("Something has changed since you answered “%(step)s”: please look again.")
        messages.warning(request, words % {"step": TITLES[missing.step]})
        return redirect(url_of(set_up, missing.step))
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    return redirect(url_of(set_up, PUBLISH))


def _published(request: HttpRequest, set_up: GuidedSetUp, number: Number) -> HttpResponse:
    user: Any = request.user
    if not user.has_perm(MAY_PUBLISH):
        raise PermissionDenied
    form = PublishForm(request.POST)
    if form.is_valid() and _is_published(request, number, form.cleaned_data):
        return _over(set_up, number)
    return _shown(request, set_up, number, form)


def _is_published(request: HttpRequest, number: Number, given: dict[str, Any]) -> bool:
    """Publish what was looked at; what keeps it from being published is said on the page."""
    user: Any = request.user
    choice = publishing.Choice(given["seen"], given["live"], proposal(number).choice.ticked)
    try:
        release = publishing.publish(given["note"], user, choice)
    except (publishing.NotPublishable, publishing.NotWhole):
        messages.error(request, _("Nothing was published: please mend the errors first."))
    except (publishing.DraftChanged, publishing.LiveChanged):
        messages.warning(request, _("Somebody changed the draft while you were reading. Please look again."))
    except publishing.NothingToPublish:
        return True
    except ReleaseError as refusal:
        messages.error(request, _("This cannot be published: %(reason)s") % {"reason": refusal})
    else:
        admin.site.get_model_admin(Release).log_addition(request, release, release.note)
        return True
    return False


def _may_read(set_up: GuidedSetUp, user: Any) -> bool:
    """His own, or what he was asked to make or to publish."""
    return set_up.begun_by_id == user.pk or may_make(user) or user.has_perm("routing.view_release")


def _is_live(number: Number) -> bool:
    return NumberUse.objects.filter(key=f"{number.channel}:{number.address}").exists()


def _over(set_up: GuidedSetUp, number: Number | None) -> HttpResponse:
    set_up.delete()
    return redirect("guided_done", number.pk) if number else redirect("admin:index")


def _shown(request: HttpRequest, set_up: GuidedSetUp, number: Number | None, form: PublishForm | None) -> HttpResponse:
    missing = [TITLES[step] for step in ASKING if not kept.is_whole(set_up, step)]
    more: dict[str, Any] = {
        "summary": summary(set_up),
        "missing": missing,
        "crm_link": _crm_link(request, set_up),
        "may_make": may_make(request.user),
        "may_publish": request.user.has_perm(MAY_PUBLISH),
        "made": number,
    }
    return page(request, set_up, PUBLISH, more | (_draft(request, number, form) if number else {}))


def _crm_link(request: HttpRequest, set_up: GuidedSetUp) -> str:
    """For the colleague who will connect the CRM; "" where nobody has to."""
    if kept.typed(set_up, CUSTOMERS).get("how") != COLLEAGUE or is_crm_connected():
        return ""
    return request.build_absolute_uri(reverse("admin:customers_crmconnection_add"))


def _draft(request: HttpRequest, number: Number, form: PublishForm | None) -> dict[str, Any]:
    """What goes live, where callers would go by it, and the form that makes it so."""
    proposed = proposal(number)
    found = [each for each in proposed.problems if each.severity == problems.ERROR]
    urls = urls_of(request, [problem.path for problem in found])
    note = _("Priority routing for %(number)s") % {"number": number.label}
    initial = {"note": note, "seen": proposed.choice.draft, "live": proposed.choice.live}
    return {
        "publish_form": form if form and form.errors else PublishForm(initial=initial),
        "tries": tries(number, proposed.document),
        "errors": [{"message": each.message, "url": urls[each.path]} for each in found],
        "changed": proposed.changed,
    }


def done(request: HttpRequest, pk: int) -> HttpResponse:
    """It is live: what is left to do at the provider."""
    if not request.user.has_perm("routing.view_number"):
        raise PermissionDenied
    number = get_object_or_404(Number.objects.select_related("account", "flow"), pk=pk)
    live = publishing.live()
    context = {
        **admin.site.each_context(request),
        "title": _("Priority routing is live"),
        "number": number,
        "live": live,
    }
    return TemplateResponse(request, "admin/guided/done.html", context)
