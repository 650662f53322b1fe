"""The pages of the guided set-up. Every button sends the form, and whatever was typed is kept first."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from contactcenter.foundation.models import GuidedSetUp
from contactcenter.guided import asking, kept, listing
from contactcenter.guided.customers_step import LIST
from contactcenter.guided.making import form_of
from contactcenter.guided.steps import (
    ASKING,
    CUSTOMERS,
    NUMBER,
    PUBLISH,
    QUEUES,
    TITLES,
    before,
    blocked,
    current,
    following,
    url_of,
)
from customers.crm.lists import ListError
from queues import host_check
from queues.models import PhoneSystem

UNKEPT = ("text", "file")
"""A list names people: it lies elsewhere."""


def begin(request: HttpRequest) -> HttpResponse:
    """Where this person was, else the first step of a set-up that is there once its first button is pressed."""
    user: Any = request.user
    set_up = GuidedSetUp.objects.filter(begun_by=user).first()
    if request.method == "POST":
        set_up, _made = GuidedSetUp.objects.get_or_create(begun_by=user)
        return step(request, set_up.pk, NUMBER)
    if set_up is not None:
        return redirect(url_of(set_up, current(set_up)))
    return _asked(request, GuidedSetUp(begun_by=user), NUMBER)


def step(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """One of the steps that ask."""
    if name not in ASKING:
        raise Http404
    with transaction.atomic():  # one at a time: who presses a button twice finds everything done
        set_up = GuidedSetUp.objects.select_for_update().filter(pk=pk).first()
        if set_up is None:  # it is live already
            return redirect("admin:index")
        return _answered(request, set_up, name) if request.method == "POST" else _asked(request, set_up, name)


def too_large(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """A list beyond all bounds: said on the page, what was typed before is kept."""
    messages.error(request, _("The list is too large. At most 10 MB can be uploaded and 2.5 MB pasted; divide it."))
    response = _asked(request, get_object_or_404(GuidedSetUp, pk=pk), name)
    response.status_code = 413
    return response


def _asked(request: HttpRequest, set_up: GuidedSetUp, name: str) -> HttpResponse:
    """The step as it was left."""
    if set_up.made:
        return redirect(url_of(set_up, PUBLISH))
    if blocked(set_up, name, request.user):
        return page(request, set_up, name, {})
    given = kept.typed(set_up, name)
    form = form_of(set_up, name, request.user)
    form.initial = kept.initial(form, given)
    if name == CUSTOMERS and (listed := listing.remembered(set_up, request.user)):
        form.initial["text"] = listed.content
    more = {"form": form}
    if name == QUEUES and "check" in request.GET:
        more["checked"] = _checked(form.initial)
    return page(request, set_up, name, more)


def _answered(request: HttpRequest, set_up: GuidedSetUp, name: str) -> HttpResponse:
    go = request.POST.get("go", "next")
    if set_up.made:
        return redirect(url_of(set_up, PUBLISH))
    if blocked(set_up, name, request.user):
        if go not in TITLES:
            raise PermissionDenied
        return redirect(url_of(set_up, go))
    if go == "keep" and kept.is_late(set_up, name, request.POST):
        return HttpResponse(status=204)
    form = form_of(set_up, name, request.user, request.POST, request.FILES)
    more = _kept(request, set_up, name, form, hands_in=go in ("next", "accept"))
    if go == "keep":
        return HttpResponse(status=204)
    if go == "check":
        return HttpResponseRedirect(url_of(set_up, name) + "?check=1#check")
    if go in TITLES:
        return redirect(url_of(set_up, go))
    if form.errors or more:
        return page(request, set_up, name, {"form": form, **more})
    return _onwards(request, set_up, name)


def _kept(request: HttpRequest, set_up: GuidedSetUp, name: str, form: Any, *, hands_in: bool) -> dict[str, Any]:
    """Keeps what was typed, and has a list read; what the page has to say beside the errors of `form`."""
    is_valid, more = form.is_valid(), {}
    names = {field: None for field in form.fields if field not in UNKEPT}
    kept.keep(set_up, name, request.POST, names, request.user, whole=False)
    if name == CUSTOMERS and "text" in form.fields:
        try:
            listing.remember(set_up, form, request.user)
            if is_valid and hands_in and form.cleaned_data["how"] == LIST:
                accepted = request.POST.get("go") == "accept"
                more = {"look": listing.hand_in(set_up, form.cleaned_data, request.user, accepted=accepted)}
        except ListError as error:
            form.add_error("file" if request.FILES else "text", str(error))
    more = {key: value for key, value in more.items() if value}
    is_handed_in = name != CUSTOMERS or request.POST.get("how") != LIST or listing.connection_of(set_up) is not None
    whole = is_valid and not form.errors and not more and is_handed_in
    kept.keep(set_up, name, request.POST, names, request.user, whole=whole)
    return more


def _onwards(request: HttpRequest, set_up: GuidedSetUp, name: str) -> HttpResponse:
    if set_up.begun_by_id != request.user.pk:
        words = _("Thank you, that is saved. %(person)s can go on now.")
        messages.success(request, words % {"person": set_up.begun_by})
        return redirect("admin:index")
    return redirect(url_of(set_up, following(name)))


def _checked(initial: dict[str, Any]) -> list[host_check.Checked]:
    """Is each host of the phone system there, chosen or typed?"""
    chosen = str(initial.get("system") or "")
    system = PhoneSystem.objects.filter(pk=chosen).first() if chosen.isdigit() else None
    if system is not None:
        return host_check.check(system.host_list, system.web_address)
    return host_check.check(PhoneSystem(hosts=initial.get("hosts") or "").host_list)


def page(request: HttpRequest, set_up: GuidedSetUp, name: str, more: dict[str, Any]) -> HttpResponse:
    """A step in its frame. Who was asked for one step by a colleague sees that step alone."""
    is_own = set_up.begun_by_id == request.user.pk
    hindered = blocked(set_up, name, request.user)
    context = {
        **admin.site.each_context(request),
        "title": TITLES[name],
        "step": name,
        "turn": kept.turn(),
        "number": list(TITLES).index(name) + 1,
        "steps": [
            {"name": each, "title": title, "done": kept.is_whole(set_up, each)} for each, title in TITLES.items()
        ],
        "is_own": is_own,
        "before": before(name) if is_own else "",
        "after": following(name),
        "blocked": hindered,
        "link": request.build_absolute_uri(hindered.url) if hindered else "",
        "is_begun": not set_up._state.adding,
        "ask": reverse("guided_ask", args=[set_up.pk, name]),
        "colleagues": asking.colleagues(set_up, name, request.user)[: asking.MOST_COLLEAGUES],
        "this_link": request.build_absolute_uri(url_of(set_up, name)),
        "action": url_of(set_up, name) if not set_up._state.adding else reverse("guided"),
        "list": listing.connection_of(set_up) if name == CUSTOMERS else None,
        "people": set_up.answers.get(CUSTOMERS, {}).get("people"),
        **more,
    }
    return TemplateResponse(request, f"admin/guided/{name}.html", context)
