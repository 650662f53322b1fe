"""Form pieces for what other systems hold on to: short names that stay, time zones that exist."""

from functools import cache
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTimeWidget
from django.db.models import TimeField
from django.http import HttpRequest
from django.utils.text import slugify

from contactcenter.foundation.admin import PortalAdmin
from contactcenter.foundation.free_names import free_name
from contactcenter.foundation.time_zones import time_zones


@cache
def zones() -> tuple[tuple[str, str], ...]:
    return tuple((zone, zone) for zone in sorted(time_zones()))


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


class NamesItself(forms.ModelForm):
    """Makes the short name where none was typed; the page's script has usually done so before."""

    short_name, proposed_from = "slug", ("name",)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.short_name in self.cleaned_data and not self.cleaned_data[self.short_name]:
            self.cleaned_data[self.short_name] = self._free_name()
        return cleaned

    def _free_name(self) -> str:
        """Of letters from a to z; a name that has none lends nothing but its kind."""
        model: Any = self._meta.model
        words = " ".join(str(self.cleaned_data.get(name, "")) for name in self.proposed_from)
        begins = slugify(words)[:40].strip("-") or model._meta.model_name
        return free_name(model, self.short_name, begins)


class NamedAdmin(TimeZones, ClockTimes, PortalAdmin):
    """A thing with a short name: proposed from its name when it is added, and fixed from then on."""

    short_name = "slug"
    proposed_from: tuple[str, ...] = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fixed = (self.short_name,) if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {self.short_name: self.proposed_from}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == self.short_name and self.proposed_from:
            kwargs["required"] = False
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        if not self.proposed_from or self.short_name not in form.base_fields:
            return form
        own = {"short_name": self.short_name, "proposed_from": self.proposed_from}
        return type(form)(form.__name__, (NamesItself, form), own)
