"""Opening hours and the days that differ."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import PortalInline
from contactcenter.foundation.naming import ClockTimes, NamedAdmin
from queues import calendars
from queues.models import Calendar, CalendarException, OpeningHours
from queues.standing import compiled


class OpeningHoursInline(ClockTimes, PortalInline):
    model = OpeningHours


class CalendarExceptionInline(ClockTimes, PortalInline):
    model = CalendarException


@admin.register(Calendar)
class CalendarAdmin(NamedAdmin):
    """A calendar: weekly hours in one time zone, and special days."""

    list_display = ("name", "time_zone", "is_open_now")
    search_fields = ("name",)
    fields = ("name", "slug", "time_zone")
    inlines = (OpeningHoursInline, CalendarExceptionInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("hours", "exceptions")

    @admin.display(description=_("open now"), boolean=True)
    def is_open_now(self, calendar: Calendar) -> bool:
        return calendars.is_open(compiled(calendar), timezone.now())
