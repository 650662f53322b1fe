"""What a sync would alter: who would move from which tier to which. To be read while it is held, or after a preview."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin
from customers.admin.searching import SearchesUnder
from customers.judging import GAINS_TIER, LOSES_TIER, MOVES
from customers.models import StagedRecord

SHOWN = ("create", "change", "delete")


class TierFilter(admin.SimpleListFilter):
    """Whose tier would move, and which way."""

    title = _("tier")
    parameter_name = "tier"

    _WAYS: dict[str, tuple[Any, Q]] = {
        "lost": (_("tier lost"), LOSES_TIER),
        "lower": (_("lower tier"), Q(new_tier__rank__lt=F("old_tier__rank"))),
        "higher": (_("higher tier"), Q(new_tier__rank__gt=F("old_tier__rank"))),
        "gained": (_("first tier"), GAINS_TIER),
        "moved": (_("any change of tier"), MOVES),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(way, label) for way, (label, _q) in self._WAYS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self._WAYS.get(self.value() or "")
        return queryset.filter(chosen[1], customer__isnull=False) if chosen else queryset


@admin.register(StagedRecord)
class StagedRecordAdmin(SearchesUnder, EvidenceAdmin):
    """Customer by customer, what a run would do."""

    list_display = ("external_id", "customer", "operation", "tier_now", "tier_then")
    list_filter = (TierFilter, "operation")
    list_select_related = ("customer", "old_tier", "new_tier")
    search_fields = ("external_id__exact",)
    search_under = "run"
    search_help_text = _("The whole id in the CRM")
    fields = ("run", "external_id", "customer", "operation", "tier_now", "tier_then", "mapped")
    readonly_fields = ("tier_now", "tier_then")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(operation__in=SHOWN)

    @admin.display(description=_("tier now"))
    def tier_now(self, record: StagedRecord) -> str:
        return str(record.old_tier) if record.old_tier else "-"

    @admin.display(description=_("tier then"))
    def tier_then(self, record: StagedRecord) -> str:
        return str(record.new_tier) if record.new_tier else "-"
