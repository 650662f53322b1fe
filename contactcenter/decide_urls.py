"""The decide server's addresses."""

from django.urls import path

from routing.api import health
from routing.api.decisions import DecisionsView
from routing.api.events import EventsView
from routing.api.providers import webhook

handler404 = "routing.api.health.not_found"

urlpatterns = [
    path("api/v1/decisions", DecisionsView.as_view()),
    path("api/v1/p/<str:account>/<str:stage>", webhook),
    path("api/v1/contacts/events", EventsView.as_view()),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.metrics_page),
]
