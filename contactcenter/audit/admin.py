"""The chain of events, for auditors: to be read, never edited."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contactcenter.accounts.models import User
from contactcenter.audit.models import Event
from contactcenter.foundation.admin import DayFilter, EvidenceAdmin


@admin.register(Event)
class EventAdmin(EvidenceAdmin):
    """Who did what to which thing, newest first. `manage.py verify_audit` says whether the chain is whole."""

    list_display = ("at", "person", "action", "thing", "number")
    list_filter = (DayFilter, "action")
    day_field = "at"
    search_fields = ("object_id__exact",)
    search_help_text = _("The id of a thing")
    fields = ("at", "person", "action", "thing", "number", "link")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = User.objects.filter(pk=OuterRef("user_id")).values("username")[:1]
        return super().get_queryset(request).annotate(username=Subquery(names))

    @admin.display(description=_("who"))
    def person(self, event: Any) -> str:
        if event.user_id is None:
            return "-"
        return str(event.username or _("Person %(id)s, who is gone") % {"id": event.user_id})

    @admin.display(description=_("of what"))
    def thing(self, event: Event) -> Any:
        """The kind and the id, leading to its history where it has one."""
        try:
            model = apps.get_model(event.kind)
        except (LookupError, ValueError):
            return f"{event.kind} {event.object_id}".strip() or "-"
        words = f"{capfirst(model._meta.verbose_name)} {event.object_id}"
        try:
            link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_history", args=[event.object_id])
        except NoReverseMatch:
            return words
        return format_html('<a href="{}">{}</a>', link, words)
