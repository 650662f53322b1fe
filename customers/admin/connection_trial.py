"""“Test connection” and the live mapping editor: asks with what stands in the form, and saves nothing."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from customers.admin.connection_forms import target_choices
from customers.crm.auth import AUTHS
from customers.crm.configuration import config_of
from customers.crm.trial import Shown, Trial, show, try_connection
from customers.models import AttributeDefinition, CrmConnection, LoyaltyTier

FRAGMENT = "admin/customers/crmconnection/trial.html"
PAGE = "admin/customers/crmconnection/trial_page.html"
IGNORED = ("name", "slug", "nightly_at", "time_zone", "external_id_path", "region")
LONGEST_SAMPLE = 50_000
MOST_ROWS = 200


class TrialViews:
    """For the admin of CRM connections."""

    admin_site: Any
    get_form: Any

    def trial_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("trial/", wrap(require_POST(self.trial_view)), name="customers_crmconnection_trial_new"),
            path("<int:pk>/trial/", wrap(require_POST(self.trial_view)), name="customers_crmconnection_trial"),
            path("values/", wrap(require_POST(self.values_view)), name="customers_crmconnection_values"),
        ]

    def trial_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Ask the CRM for one page; a fragment for the page, or a page of its own without JavaScript."""
        _check(request)
        connection = get_object_or_404(CrmConnection, pk=pk) if pk else None
        form: Any = self.get_form(request, connection, change=bool(connection))(request.POST, instance=connection)
        wrong = _problems(form)
        trial = None if wrong else _try(form)
        context: dict[str, Any] = {"wrong": wrong, "trial": trial}
        if trial and trial.sample is not None:
            secret = form.instance.token
            text = _without(secret, json.dumps(trial.sample, indent=2, ensure_ascii=False))[:LONGEST_SAMPLE]
            fields = [(name, kind, _without(secret, value)) for name, kind, value in trial.fields]
            context |= {"sample": text, "fields": fields, "shown": _shown(request, text)}
        return self._answer(request, context)

    def values_view(self, request: HttpRequest) -> HttpResponse:
        """What the mapping in the form makes of the sample record in it."""
        _check(request)
        text = request.POST.get("sample", "")[:LONGEST_SAMPLE]
        return self._answer(request, {"sample": text, "shown": _shown(request, text), "is_mapping_only": True})

    def _answer(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        if request.headers.get("X-Requested-With") == "fetch":
            return render(request, FRAGMENT, context)
        return render(request, PAGE, {**self.admin_site.each_context(request), **context})


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm("customers.change_crmconnection"):
        raise PermissionDenied


def _problems(form: Any) -> list[tuple[str, str]]:
    """(field's label, what is wrong) for everything that keeps the CRM from being asked."""
    return [
        (str(form.fields[name].label) if name in form.fields else "", text)
        for name, texts in form.errors.items()
        if name not in IGNORED
        for text in texts
    ]


def _try(form: Any) -> Trial:
    connection: CrmConnection = form.instance
    if AUTHS[connection.auth].is_granted and (not connection.pk or form.changes_access()):
        # A token granted for what is saved must not travel to what is only being typed.
        return Trial(gettext("Save first: tokens are asked for with what is saved."))
    return try_connection(connection.connector, config_of(connection))


def _shown(request: HttpRequest, sample_text: str) -> list[dict[str, Any]] | None:
    """A row for each field of the mapping in the form; None when there is no sample to show it with."""
    try:
        sample = json.loads(sample_text) if sample_text.strip() else None
    except (ValueError, RecursionError):
        sample = None
    if not isinstance(sample, dict):
        return None
    words = {value.casefold(): slug for value, slug in _tier_words(request)}
    attributes = dict(AttributeDefinition.objects.values_list("key", "type"))
    id_path, region = request.POST.get("external_id_path") or "id", request.POST.get("region", "").upper() or "IT"
    rows = show(sample, _mapping_rows(request), id_path, region, words, attributes)
    labels = {"id": gettext("customer's id"), **{name: str(label) for name, label in target_choices()}}
    return [_cells(row, labels) for row in rows]


def _cells(row: Shown, labels: dict[str, str]) -> dict[str, Any]:
    return {"label": labels.get(row.target, row.target), "row": row}


def _mapping_rows(request: HttpRequest) -> list[tuple[str, str]]:
    """(target, expression) of the rows that are filled in and not to be deleted."""
    return [
        (request.POST.get(f"{row}-target", ""), expression)
        for row in _rows(request, "mappings")
        if (expression := request.POST.get(f"{row}-expression", "").strip())
    ]


def _tier_words(request: HttpRequest) -> list[tuple[str, str]]:
    slugs = {str(pk): slug for pk, slug in LoyaltyTier.objects.values_list("pk", "slug")}
    return [
        (word, slugs[tier])
        for row in _rows(request, "tier_mappings")
        if (word := request.POST.get(f"{row}-value", "").strip())
        and (tier := request.POST.get(f"{row}-tier", "")) in slugs
    ]


def _rows(request: HttpRequest, prefix: str) -> list[str]:
    total = request.POST.get(f"{prefix}-TOTAL_FORMS", "0")
    number = min(int(total), MOST_ROWS) if total.isdecimal() else 0
    return [row for row in (f"{prefix}-{n}" for n in range(number)) if f"{row}-DELETE" not in request.POST]


def _without(secret: str, text: str) -> str:
    """`text` with the secret masked: a CRM that echoes its request must not print it here."""
    return text.replace(secret, "•••") if secret else text
