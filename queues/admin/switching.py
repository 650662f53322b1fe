"""The small page before a switch: what is asked, what follows from it in words, and a button."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from contactcenter.foundation.team_admin import limit
from queues.admin.switch_forms import ConfirmForm

PERMISSION = "queues.use_switch"

P = ParamSpec("P")
View = Callable[Concatenate[Any, HttpRequest, P], HttpResponse]


@dataclass(frozen=True)
class Question:
    """What the page says: a title, what follows from a yes, the button, and where "no" leads."""

    title: str
    consequences: Sequence[str]
    button: str
    back: str
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)


def with_permission(view: View[P]) -> View[P]:
    """Lets only those through who may use switches."""

    @wraps(view)
    def guarded(model_admin: Any, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(model_admin, request, *args, **kwargs)

    return guarded


def ask(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    question: Question,
    form_class: type[ConfirmForm],
    act: Callable[[dict[str, Any]], str],
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show `question`; on a valid answer `act` on it, say what it says, and go back."""
    with timezone.override(question.zone):
        form = form_class(request.POST if request.method == "POST" else None, initial=initial, zone=question.zone)
        limit(form, request.user)
        if request.method == "POST" and form.is_valid() and (said := _done(form, act)):
            messages.success(request, said)
            return HttpResponseRedirect(question.back)
        shown: Any = form  # the stubs ask for a model form; any form is laid out the same
        rows = AdminForm(shown, [(None, {"fields": list(form.fields)})], {}, model_admin=model_admin)
        context = {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": question.title,
            "question": question,
            "form": form,
            "adminform": rows,
            "media": model_admin.media + form.media,
        }
        return render(request, "admin/queues/switch_form.html", context)


def _done(form: forms.Form, act: Callable[[dict[str, Any]], str]) -> str:
    """What `act` says, or nothing once the form has been told what is wrong."""
    try:
        return act(form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return ""
