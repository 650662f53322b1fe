"""Decisions and what came of them: to see why a caller landed where he did."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import DayFilter, EvidenceAdmin, left_to_right
from contactcenter.foundation.logs import mask_all
from contactcenter.foundation.paging import KeysetChangeList
from contactcenter.foundation.translating import named
from queues.models import Queue
from routing.admin.afterwards import in_words
from routing.admin.decision_search import found_by
from routing.admin.names_now import names_of
from routing.admin.reasons import REASONS, clause
from routing.admin.why import why
from routing.branches import LAST_PATH
from routing.masking import SEES_CALLERS, masked, without
from routing.models import ContactEvent, Decision


class QueueFilter(admin.SimpleListFilter):
    """The queues there are, not those that stand in millions of rows."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Queue.objects.order_by("name").values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(queue=self.value()) if self.value() else queryset


class ReasonFilter(admin.SimpleListFilter):
    """Why a contact went where it went."""

    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(slug, words) for slug, (words, _sentence) in REASONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(reason=self.value()) if self.value() else queryset


class MasksCallers(EvidenceAdmin):
    """Whoever may not see callers' numbers in clear sees them masked, wherever a row holds them."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found: Any = super().get_object(request, object_id, from_field)
        if found and not request.user.has_perm(SEES_CALLERS):
            self.mask(found)
        return found

    def mask(self, row: Any) -> None:
        """Alters the row that is shown, never the one that is stored."""
        row.document = mask_all(row.document)


class DecisionList(KeysetChangeList):
    """Looks up once for a whole page what its numbers, branches, queues and tiers are called now."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = names_of(self.result_list)
        for decision in self.result_list:
            decision.names = names


@admin.register(Decision)
class DecisionAdmin(MasksCallers):
    """What was decided and why: to be read, never edited."""

    change_form_template = "admin/routing/decision/change_form.html"
    list_display = ("decided_at", "masked_caller", "number_called", "tier_name", "queue_name", "shortly_why")
    list_filter = (DayFilter, QueueFilter, ReasonFilter)
    day_field = "decided_at"
    # Exact, and in the case in which it was stored: that is what the index holds.
    search_fields = ("call_id__exact", "decision_id__exact")
    fieldsets = [
        (
            _("For engineers"),
            {
                "fields": ["decision_id", "call_id", ("account", "attempt", "host"), "fell_back_on", "answer"],
                "classes": ["collapse"],
            },
        ),
    ]
    readonly_fields = ("answer", "fell_back_on")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DecisionList

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        is_list = request.resolver_match and (request.resolver_match.url_name or "").endswith("_changelist")
        return rows.defer("document") if is_list else rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By an id, and by the caller's number for those who may see it in clear."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(found_by(search_term, also_by_caller=request.user.has_perm(SEES_CALLERS))), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        words: Any = _("The whole call id or decision id.")
        if request.user.has_perm(SEES_CALLERS):
            words = _("The whole call id, decision id (X-Decision-Id) or caller's number.")
        found = super().get_changelist_instance(request)
        found.search_help_text = words
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The row, and why the caller landed there."""
        decision = Decision.objects.get(pk=context["original"].pk)
        context |= {"title": _("Why did this caller land here?"), "subtitle": None}
        context["why"] = why(request, decision, in_clear=request.user.has_perm(SEES_CALLERS))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("caller"))
    def masked_caller(self, decision: Decision) -> Any:
        return left_to_right(masked(decision.caller)) if decision.caller else _("hidden")

    def mask(self, row: Any) -> None:
        row.document = without(row.caller, row.document)
        row.caller = masked(row.caller)

    @admin.display(description=_("number"))
    def number_called(self, decision: Any) -> Any:
        label = decision.names.number(decision)
        return label or left_to_right(decision.number)

    @admin.display(description=_("tier"))
    def tier_name(self, decision: Any) -> str:
        return str(decision.names.tiers.get(decision.tier, decision.tier or "–"))

    @admin.display(description=_("queue"))
    def queue_name(self, decision: Any) -> str:
        return str(decision.names.queues.get(decision.queue, decision.queue or "–"))

    @admin.display(description=_("because of"))
    def shortly_why(self, decision: Any) -> Any:
        """The path, and what was in its way; where none was walked the reason alone."""
        if not decision.branch:
            return capfirst(clause(decision.reason))
        path = _("Everyone else") if decision.branch == LAST_PATH else decision.names.branch(decision)
        return path if decision.reason in ("branch", LAST_PATH) else named(path, clause(decision.reason))

    @admin.display(description=_("answer"))
    def answer(self, decision: Decision) -> Any:
        return _table(decision.document.get("answer") or {})

    @admin.display(description=_("fell back on"))
    def fell_back_on(self, decision: Decision) -> Any:
        return ", ".join(map(str, decision.degraded)) or "–"


@admin.register(ContactEvent)
class ContactEventAdmin(MasksCallers):
    """What a provider or phone system said of a contact afterwards."""

    list_display = ("happened_at", "what", "queue", "call_id", "decision_id")
    search_fields = ("decision_id__exact", "event_id__exact")
    search_help_text = _("The whole decision id or event id.")
    fields = ("happened_at", "what", "queue", "call_id", "decision_id", "event_id", "kind", "details")
    readonly_fields = ("what", "details")

    @admin.display(description=_("what happened"))
    def what(self, event: ContactEvent) -> Any:
        return in_words(event)

    @admin.display(description=_("details"))
    def details(self, event: ContactEvent) -> Any:
        return _table(event.document)


def _table(values: dict[str, Any]) -> Any:
    rows = format_html_join(
        "", "<tr><th scope=row>{}</th><td>{}</td></tr>", ((k, _shown(v)) for k, v in sorted(values.items()))
    )
    return format_html('<div class="table-scroll"><table class="evidence">{}</table></div>', rows) if rows else "-"


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list):
        return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))
    return value
