"""Data sources, with a live preview: one real answer, and the value each variable would get."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contactcenter.foundation.admin import PortalInline
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.uses_in_lists import ShowsUses
from customers.admin.source_forms import DataSourceForm, VariableForm, VariableRows, problems
from customers.models import DataSource, DataSourceVariable
from customers.sources.preview import Preview, preview
from customers.sources.templates import names

SAMPLE = "sample:"
"""Before the names of the form's inputs for sample values."""

LONGEST_SAMPLE = 200
LONGEST_SHOWN = 20_000
UNNAMED = ("name", "slug")
"""A source may be tried before it has a name."""


class DataSourceVariableInline(PortalInline):
    model = DataSourceVariable
    form = VariableForm
    formset = VariableRows


@admin.register(DataSource)
class DataSourceAdmin(ShowsUses, NamedAdmin):
    """An API that can be asked about a caller while he waits."""

    about = _("A data source is asked about a caller while he waits, when the nightly sync does not know enough.")
    form = DataSourceForm
    change_form_template = "admin/customers/datasource/change_form.html"
    list_display = ("name", "method", "url", "budget_ms", "used_by")
    search_fields = ("name", "slug")
    inlines = (DataSourceVariableInline,)
    shown_for = {
        "body": ("method", "POST"),
        "auth_name": ("auth", "basic header"),
        "secret": ("auth", "bearer basic header"),
    }
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("What we ask"), {"fields": ("method", "url", "body")}),
        (_("How we identify ourselves"), {"fields": ("auth", "auth_name", "secret")}),
        (
            _("How long the caller waits for it"),
            {"fields": ("budget_ms", ("connect_ms", "read_ms"), "cache_seconds"), "classes": (FOLD,)},
        ),
        (_("For engineers"), {"fields": ("slug",), "classes": (FOLD,)}),
    )

    class Media:
        js = (forms.Script("portal/live-preview.js", defer=True),)
        css = {"all": ("portal/live.css",)}

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(require_POST(self.preview_view)), name="customers_datasource_preview_new"),
            path("<int:pk>/preview/", wrap(require_POST(self.preview_view)), name="customers_datasource_preview"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        source = self.get_object(request, object_id) if object_id else None
        asked = sorted(names(source.url) | names(source.body)) if source else ["call.from"]
        shown = {"samples": asked, "may_preview": _may_preview(request)}
        return super().changeform_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Ask with the form's unsaved contents; a fragment for the page, or a page without JavaScript."""
        if not _may_preview(request):
            raise PermissionDenied
        source = get_object_or_404(DataSource, pk=pk) if pk else None
        form: Any = self.get_form(request, source, change=bool(source))(request.POST, instance=source)
        rows = self._rows(request, form)
        wrong = problems(form, rows, ignored=UNNAMED)
        context = {"wrong": wrong} if wrong else _shown(_ask(form, rows, request), form.instance.secret)
        bare = request.headers.get("X-Requested-With") == "fetch"
        template = "admin/customers/datasource/preview.html" if bare else "admin/customers/datasource/preview_page.html"
        return render(request, template, context if bare else {**self.admin_site.each_context(request), **context})

    def _rows(self, request: HttpRequest, form: DataSourceForm) -> VariableRows:
        formset_class, _inline = next(iter(self.get_formsets_with_inlines(request, form.instance)))
        return formset_class(request.POST, instance=form.instance, prefix=formset_class.get_default_prefix())


def _may_preview(request: HttpRequest) -> bool:
    return request.user.has_perm("customers.change_datasource")


def _ask(form: DataSourceForm, rows: VariableRows, request: HttpRequest) -> Preview:
    entry = {**form.entry(), "variables": rows.entries()}
    sample = {
        name.removeprefix(SAMPLE): str(value)[:LONGEST_SAMPLE]
        for name, value in request.POST.items()
        if name.startswith(SAMPLE)
    }
    # The secret that saving would leave in place: the form has refused to carry it to another host.
    return preview(entry, form.instance.secret, sample)


def _shown(result: Preview, secret: str) -> dict[str, Any]:
    answer = "" if result.answer is None else json.dumps(result.answer, indent=2, ensure_ascii=False)[:LONGEST_SHOWN]
    rows = [
        (name, _without(secret, str(result.values.get(name, ""))), result.problems.get(name, ""))
        for name in sorted({*result.values, *result.problems})
    ]
    return {"result": result, "words": in_words(result), "answer": _without(secret, answer), "rows": rows}


def _without(secret: str, text: str) -> str:
    """`text` with the secret masked: an API that echoes its request must not print it here."""
    return text.replace(secret, "•••") if secret else text


def in_words(result: Preview) -> str:
    """How the question ended, for a supervisor."""
    name, _colon, rest = result.detail.partition(": ")
    if name == "missing":
        return gettext("Give a sample value for %(variable)s.") % {"variable": rest}
    if result.status == "ok":
        return gettext("The source answered within %(ms)s ms.") % {"ms": result.elapsed_ms}
    if result.status == "not_found":
        return gettext("The source does not know this caller (it answered 404).")
    if name.startswith("http "):
        return gettext("The source answered with an error (%(status)s).") % {"status": name.upper()}
    return str(FAILURES.get(name) or gettext("The source could not be asked (%(detail)s).") % {"detail": name})


FAILURES = {
    "timeout": _("No answer within the time budget. On a call the variables would be unknown."),
    "deadline": _("No answer within the time budget. On a call the variables would be unknown."),
    "refused": _("Nobody listens at this address."),
    "name_unknown": _("There is no host of this name."),
    "forbidden_address": _("This address is not allowed: it lies in a private network that nobody released."),
    "certificate": _("The host's certificate is not valid."),
    "too_large": _("The answer is too large."),
    "not json": _("The source answered, but not with JSON."),
}
