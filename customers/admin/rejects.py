"""The records of a CRM that could not be used, as a list and as a file for a spreadsheet."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from contactcenter.foundation.admin import EvidenceAdmin
from customers.crm.targets import ATTRIBUTE, targets
from customers.models import AttributeDefinition, RejectedRow, SyncRun
from customers.staged_rows import QUARANTINED

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by a spreadsheet (OWASP, CSV injection); an apostrophe makes it text."""

_NO_TARGETS = {"id": _("id in the CRM"), QUARANTINED: _("the whole record")}


class FieldFilter(admin.SimpleListFilter):
    """The fields there are, not those that stand in a million rows."""

    title = _("field")
    parameter_name = "field"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        attributes = AttributeDefinition.objects.values_list("key", "label")
        return [*_NO_TARGETS.items(), *targets(attributes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(field=self.value()) if self.value() else queryset


@admin.register(RejectedRow)
class RejectedRowAdmin(EvidenceAdmin):
    """Which record, which field, and why."""

    list_display = ("run", "external_id", "field_shown", "reason", "page_no")
    list_display_links = ("external_id",)
    list_filter = (FieldFilter,)
    list_select_related = ("run__connection",)
    search_fields = ("external_id__exact",)
    search_help_text = _("The whole id in the CRM")
    fields = ("run", "external_id", "field_shown", "reason", "page_no")
    readonly_fields = ("field_shown",)

    @admin.display(description=_("field"), ordering="field")
    def field_shown(self, row: RejectedRow) -> str:
        """As it is called where the mapping is made."""
        return str({**_NO_TARGETS, **dict(targets(()))}.get(row.field, row.field.removeprefix(ATTRIBUTE)))

    def get_urls(self) -> list[URLPattern]:
        as_file = self.admin_site.admin_view(require_GET(self.csv_view))
        return [path("of/<int:run>.csv", as_file, name="customers_rejectedrow_csv"), *super().get_urls()]

    def csv_view(self, request: HttpRequest, run: int) -> HttpResponseBase:
        """All rows that one run set aside."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = RejectedRow.objects.filter(run=get_object_or_404(SyncRun, pk=run)).order_by("pk")
        response = StreamingHttpResponse(_lines(rows.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="set-aside-{run}.csv"'
        return response


class _Echo:
    """Gives back what it is asked to write: the file is never whole in memory."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterator[RejectedRow]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff"  # without it some spreadsheets read another character set
    yield writer.writerow([gettext("id in the CRM"), gettext("field"), gettext("reason"), gettext("page")])
    for row in rows:
        yield writer.writerow([safe_cell(text) for text in (row.external_id, row.field, row.reason, str(row.page_no))])


def safe_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
