"""The decide server's addresses."""

from django.urls import path

from routing.api import health
from routing.api.decisions import DecisionsView

urlpatterns = [
    path("api/v1/decisions", DecisionsView.as_view()),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.metrics_page),
]
