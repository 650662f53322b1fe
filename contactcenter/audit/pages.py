"""“History” of anything on the portal, with the values before and after; and “Undo” of a deletion."""

import re
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contactcenter.audit import undoing
from contactcenter.audit.story import history_of, rows_of
from contactcenter.audit.wording import Words
from contactcenter.foundation.translating import listed

STEPS_A_PAGE = 30


def history(request: HttpRequest, app: str, model: str, object_id: str) -> HttpResponse:
    """The page behind the button; what has no history of its own keeps Django's page."""
    page = _page_of(app, model)
    if not hasattr(page.model, "history"):
        own: HttpResponse = page.history_view(request, object_id)
        return own
    thing = page.get_object(request, unquote(object_id))
    if thing is None:
        elsewhere: HttpResponse = page._get_obj_does_not_exist_redirect(request, page.opts, object_id)
        return elsewhere
    if not page.has_view_or_change_permission(request, thing):
        raise PermissionDenied
    steps = history_of(thing, rows_of(page, request, thing), Words(request.user))
    paginator = Paginator(steps, STEPS_A_PAGE)
    shown = paginator.get_page(request.GET.get("p"))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("History of “%(thing)s”") % {"thing": thing},
        "opts": page.opts,
        "thing": thing,
        "steps": shown,
        "pages": paginator.get_elided_page_range(shown.number),
    }
    return TemplateResponse(request, "admin/audit/history.html", context)


def _page_of(app: str, model: str) -> Any:
    """The admin page of a model. Raises Http404."""
    for known, page in admin.site._registry.items():
        if (known._meta.app_label, known._meta.model_name) == (app, model):
            return page
    raise Http404


def undo(request: HttpRequest, app: str, model: str, first: int, last: int) -> HttpResponse:
    """What a person has just deleted comes back: asked by GET, done by POST."""
    page = _page_of(app, model)
    if not page.has_delete_permission(request):
        raise PermissionDenied
    things = undoing.deletions(page.model, first, last, request.user.pk)
    back_to = (
        reverse(f"admin:{app}_{model}_changelist") if page.has_view_permission(request) else reverse("admin:index")
    )
    return _undo(request, page, things, back_to)


ROWS = re.compile(r"(\w+\.\w+):(\d{1,18})-(\d{1,18})", re.ASCII)


def undo_rows(request: HttpRequest, app: str, model: str, object_id: str) -> HttpResponse:
    """Rows that a person has just deleted on the page of something come back to it; asked and done as above."""
    page = _page_of(app, model)
    thing = page.get_object(request, unquote(object_id))
    if thing is None:
        raise Http404
    if not page.has_change_permission(request, thing):
        raise PermissionDenied
    links = {each.model._meta.label_lower: each for each in page.get_inline_instances(request, thing)}
    things: list[Any] = []
    for label, first, last in (
        found.groups() for rows in request.GET.getlist("rows") if (found := ROWS.fullmatch(rows))
    ):
        if (inline := links.get(label)) and inline.has_add_permission(request, thing):
            link = _get_foreign_key(page.model, inline.model, fk_name=inline.fk_name)
            gone = undoing.deletions(inline.model, int(first), int(last), request.user.pk)
            things += [each for each in gone if getattr(each, link.attname) == thing.pk]
    return _undo(request, page, things, reverse(f"admin:{app}_{model}_change", args=[thing.pk]))


def _undo(request: HttpRequest, page: Any, things: list[Any], back_to: str) -> HttpResponse:
    """Ask about deleted things, by their records, or restore them."""
    if not things:
        messages.warning(request, _("There is nothing to undo: it was done already, or is too long ago."))
        return HttpResponseRedirect(back_to)
    records = [record for thing in things for record in undoing.with_what_hung_on(thing)]
    reasons: list[str] = []
    if request.method == "POST":
        try:
            undoing.restore(records)
        except undoing.CannotUndo as error:
            reasons = error.reasons
        else:
            messages.success(request, _("Restored: %(things)s.") % {"things": listed(map(_name, things))})
            return HttpResponseRedirect(back_to)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Undo the deletion?"),
        "opts": page.opts,
        "kinds": _by_kind(records),
        "lost": undoing.lost(records),
        "reasons": reasons,
        "back_to": back_to,
    }
    return TemplateResponse(request, "admin/audit/undo.html", context)


def _by_kind(records: list[Any]) -> dict[str, list[str]]:
    """What comes back: names by the kind of thing."""
    kinds: dict[str, list[str]] = {}
    for record in records:
        kinds.setdefault(str(capfirst(record.instance_type._meta.verbose_name_plural)), []).append(_name(record))
    return kinds


def _name(record: Any) -> str:
    """As the record knows it; what it leads to may be gone."""
    for name in ("name", "label", "slug", "value", "address", "number", "username"):
        if text := getattr(record, name, ""):
            return str(text)
    return str(getattr(record, record.instance_type._meta.pk.attname))
