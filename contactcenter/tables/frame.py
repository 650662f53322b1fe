"""What the pages of imports and exports have in common: who may, and what stands around them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse

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


def page(request: HttpRequest, table: Table, template: str, title: str, **context: Any) -> TemplateResponse:
    """A page about a table, below its list."""
    frame = {**admin.site.each_context(request), "opts": table.model._meta, "table": table.slug, "title": title}
    return TemplateResponse(request, f"admin/tables/{template}.html", {**frame, **context})
