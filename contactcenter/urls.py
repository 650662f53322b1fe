"""The portal's addresses."""

from functools import partial

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from contactcenter.accounts import languages
from contactcenter.audit import pages as audit
from contactcenter.openapi import DECIDE_PATTERNS
from contactcenter.privacy import pages as privacy
from customers.push.api import CrmEventsView
from queues.admin.what_if import what_if
from routing.admin.trials import try_a_call
from routing.api.links import LinkView
from routing.api.portal import DecisionView
from routing.api.presence import PresenceView
from routing.api.statistics import QueueStatisticsView
from routing.arrivals import busiest_hour

admin.autodiscover()

API = [
    path("api/v1/decisions/<str:decision_id>", DecisionView.as_view(), name="decision"),
    path("api/v1/queues/<slug:slug>/stats", QueueStatisticsView.as_view(), name="queue-statistics"),
    path("api/v1/managers/<slug:slug>/presence", PresenceView.as_view(), name="manager-presence"),
    path("api/v1/handles", LinkView.as_view(), name="link-sender"),
    path("api/v1/crm/<uuid:uuid>/events", CrmEventsView.as_view(), name="crm-events"),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/routing/flow/try/", admin.site.admin_view(try_a_call), name="try_a_call"),
    path("admin/queues/what-if/", admin.site.admin_view(partial(what_if, count=busiest_hour)), name="what_if"),
    path("admin/customers/customer/<int:pk>/erase/", admin.site.admin_view(privacy.erase), name="erase_person"),
    path("admin/customers/customer/<int:pk>/export/", admin.site.admin_view(privacy.export), name="export_person"),
    path("admin/<str:app>/<str:model>/<path:object_id>/history/", admin.site.admin_view(audit.history), name="history"),
    path("admin/language/", languages.choose, name="set_language"),
    path("admin/set-up/", include("contactcenter.guided.urls")),
    path("admin/", include("contactcenter.accounts.urls")),
    path("admin/tables/", include("contactcenter.tables.urls")),
    path("admin/undo/<str:app>/<str:model>/<int:first>-<int:last>/", admin.site.admin_view(audit.undo), name="undo"),
    path(
        "admin/undo/<str:app>/<str:model>/<path:object_id>/rows/",
        admin.site.admin_view(audit.undo_rows),
        name="undo_rows",
    ),
    path("admin/", admin.site.urls),
    *API,
    path("api/schema/", SpectacularAPIView.as_view(patterns=[*DECIDE_PATTERNS, *API]), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api_docs.html"),
        name="api-docs",
    ),
]
