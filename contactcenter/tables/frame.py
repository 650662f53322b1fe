"""What the pages of imports and exports have in common: who may, and what stands around them."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from contactcenter.foundation import teams
from contactcenter.tables.models import TableImport
from contactcenter.tables.registry import TABLES, Table


def table_of(slug: str) -> Table:
    """The table of this name; 404 for none."""
    try:
        return TABLES[slug]
    except KeyError:
        raise Http404 from None


def importing(request: HttpRequest, table: Table) -> None:
    """Lets nobody pass who may not add and change what is in this table, and see it in clear."""
    user: Any = request.user
    if not all(user.has_perm(name) for name in table.permissions):
        raise PermissionDenied


def exporting(request: HttpRequest, table: Table) -> None:
    """Lets nobody pass who may not see the list."""
    if not admin.site.get_model_admin(table.model).has_view_permission(request):
        raise PermissionDenied


def import_of(request: HttpRequest, job_id: UUID) -> TableImport:
    """The import with this id, for whoever may import into its table and look at it."""
    job = get_object_or_404(imports_seen(request), pk=job_id)
    importing(request, TABLES[job.table])
    return job


def imports_seen(request: HttpRequest) -> "QuerySet[TableImport]":
    """The imports that he may look at: who is limited to teams, of what belongs to teams, only at his own."""
    found = TableImport.objects.select_related("asked_by", "undoes")
    limited = [slug for slug, table in TABLES.items() if teams.has_owner(table.model)]
    return found.exclude(~Q(asked_by=request.user.pk), table__in=limited) if teams.teams_of(request.user) else found


def page(request: HttpRequest, table: Table, template: str, title: str, **context: Any) -> TemplateResponse:
    """A page about a table, below its list."""
    frame = {**admin.site.each_context(request), "opts": table.model._meta, "table": table.slug, "title": title}
    return TemplateResponse(request, f"admin/tables/{template}.html", {**frame, **context})
