"""The addresses of imports and exports, below the admin."""

from typing import Any

from django.contrib import admin
from django.urls import path

from contactcenter.foundation.sized import sized
from contactcenter.tables import export_pages, forms, import_pages, undo_pages


def _page(route: str, view: Any, name: str) -> Any:
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    _page("import/<uuid:job_id>/", import_pages.job_page, "tables_import"),
    _page("import/<uuid:job_id>/progress/", import_pages.job_progress, "tables_import_progress"),
    _page("import/<uuid:job_id>/refused.csv", import_pages.refused, "tables_refused"),
    _page("import/<uuid:job_id>/undo/", undo_pages.begin, "tables_undo"),
    _page("export/<uuid:job_id>/progress/", export_pages.progress_of, "tables_export_progress"),
    _page("export/<uuid:job_id>/cancel/", export_pages.cancel, "tables_export_cancel"),
    _page("export/<uuid:job_id>/file/", export_pages.download, "tables_export_file"),
    _page(
        "<slug:table>/import/",
        sized(import_pages.hand_in, import_pages.too_large, lambda: forms.LARGEST),
        "tables_hand_in",
    ),
    _page("<slug:table>/export/", export_pages.export, "tables_export"),
]
