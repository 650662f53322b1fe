"""Numbers: what people call or write to, and which flow answers there."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import left_to_right
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.naming import TimeZones
from contactcenter.foundation.team_admin import VisibleFilter
from customers.addresses import NO_COUNTRY, PHONE_CHANNELS, caller_address
from routing import number_use
from routing.admin.number_list import NumberChangeList, UseFilter
from routing.admin.pointing import PointingAdmin
from routing.models import Number

SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)


class NumberForm(forms.ModelForm):
    """Brings a phone number into the form in which providers name it: E.164."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        typed = self.cleaned_data.get("address", "")
        if typed and self.cleaned_data.get("channel") in PHONE_CHANNELS:
            number = caller_address("".join(typed.split()), NO_COUNTRY)
            if number:
                self.cleaned_data["address"] = number
            elif not SHORT_CODE.fullmatch(typed):
                self.add_error("address", _("Give the number with its country code: +390212345678."))
        return cleaned


@admin.register(Number)
class NumberAdmin(TimeZones, PointingAdmin):
    """A number with its provider account, its flow and the queue for the day the flow fails."""

    form = NumberForm
    about = _("A number is what people call or write to. Its flow decides which queue answers them.")
    list_display = ("label", "dialled", "channel", "flow", "default_queue", "account", "in_use")
    list_select_related = ("flow", "default_queue", "account")
    list_filter = (UseFilter, "channel", ("flow", VisibleFilter), "account")
    search_fields = ("label", "address")
    search_help_text = _("Part of a label or of a number")
    fieldsets = [
        (None, {"fields": ["label", ("channel", "address"), "account"]}),
        (_("Where callers go"), {"fields": ["flow", "default_queue"]}),
        (_("Is it called?"), {"fields": ["in_use", "silent_after_days"]}),
        (
            _("Time zone, and days on which it is ported"),
            {"fields": ["time_zone", ("in_service_from", "in_service_until")], "classes": [FOLD]},
        ),
    ]
    readonly_fields = ("in_use",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NumberChangeList

    @admin.display(description=_("number"), ordering="address")
    def dialled(self, number: Number) -> Any:
        return left_to_right(number.address)

    @admin.display(description=_("calls and messages"))
    def in_use(self, number: Number) -> Any:
        """The list has looked it up for a whole page; on its own page a number does so itself."""
        if not number.pk:
            return _("Shown once the number is published.")
        return number.use if hasattr(number, "use") else number_use.words_of([number])[number.pk]
