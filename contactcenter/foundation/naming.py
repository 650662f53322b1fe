"""Form pieces for what other systems hold on to: short names that stay, time zones that exist."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.admin.widgets import AdminTimeWidget
from django.db.models import TimeField
from django.http import HttpRequest

from contactcenter.foundation.admin import PortalAdmin


@cache
def zones() -> tuple[tuple[str, str], ...]:
    # Finding them reads hundreds of files.
    return tuple((zone, zone) for zone in sorted(available_timezones()))


class TimeZones:
    """Lets the field `time_zone` be chosen instead of typed."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "time_zone":
            kwargs["widget"] = forms.Select(choices=zones())
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        return field


class ClockTimes:
    """Shows times in hours and minutes, as a clock on the wall does."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if isinstance(db_field, TimeField):
            kwargs["widget"] = AdminTimeWidget(format="%H:%M")
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        return field


class NamedAdmin(TimeZones, ClockTimes, PortalAdmin):
    """A thing with a short name: proposed from its name when it is added, and fixed from then on."""

    short_name = "slug"
    proposed_from: tuple[str, ...] = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fixed = (self.short_name,) if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {self.short_name: self.proposed_from}
