"""Erasures: that somebody was erased, when and by whom; nothing says who it was."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin
from customers.models import Erasure


@admin.register(Erasure)
class ErasureAdmin(EvidenceAdmin):
    """To be read, never edited."""

    list_display = ("pseudonym", "created_at", "finished_at", "requested_by")
    list_select_related = ("requested_by",)
    fields = readonly_fields = ("pseudonym", "created_at", "finished_at", "requested_by", "rows")

    @admin.display(description=_("rows by table"))
    def rows(self, erasure: Erasure) -> Any:
        return format_html_join("", "{}: {}<br>", sorted(erasure.counts.items())) or "-"
