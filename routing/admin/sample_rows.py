"""Sample calls on the page of their flow. The number called is typed: a flow may have ten thousand of them."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import LabelledCells, PlainRelations
from contactcenter.foundation.read_once import ReadOnce
from contactcenter.foundation.translating import named
from routing.admin.decision_search import key_in
from routing.admin.trial_form import CALLS_FIRST
from routing.models import Channel, Flow, Number, SampleCall

PROPOSED_ID = "numbers-of-this-flow"
MOST_PROPOSED = 50
_UNSEEN = re.compile(r"[\s\0\u200e\u200f]")
"""What is no part of a number: spaces, and the marks of direction beside it where one reads from the right."""


def written(number: Number) -> str:
    """As it is typed and shown: its address, behind its channel where it takes no calls."""
    return number.address if number.channel == Channel.VOICE else named(number.get_channel_display(), number.address)


def proposed(flow: Flow) -> list[tuple[str, str]]:
    """What the page offers while one types: the first numbers of `flow` as they are written, with their labels."""
    return [(written(each), each.label) for each in flow.numbers.order_by(*CALLS_FIRST)[:MOST_PROPOSED]]


class TypedNumber(forms.ModelChoiceField):
    """A number as it is written, with or without spaces; of two channels the one that is named, else calls."""

    default_error_messages = {"invalid_choice": _("This number does not lead into this flow.")}

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, Number) else value

    def to_python(self, value: Any) -> Number | None:
        typed = _UNSEEN.sub("", str(self.prepare_value(value) or ""))
        if not typed:
            return None
        numbers: Any = self.queryset
        found: list[Number] = list(numbers.filter(address=typed.rpartition(":")[2]).order_by(*CALLS_FIRST))
        if not found:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return next((each for each in found if _UNSEEN.sub("", written(each)) == typed), found[0])


class SampleCallForm(forms.ModelForm):
    """A sample call that shows its number as it is written, not by its key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.number:
            self.initial["number"] = self.instance.number


class LabelledRows(LabelledCells, ReadOnce):
    """Rows with names."""


class SampleCallInline(PlainRelations, admin.StackedInline):
    """Calls that must reach a queue before the draft can be published."""

    model = SampleCall
    form = SampleCallForm
    formset = LabelledRows
    extra = 0
    fieldsets = [
        (None, {"fields": [("name", "tier", "expected"), ("weekday", "time", "number"), "known"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("number")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "number":
            flow = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            kwargs["queryset"] = Number.objects.filter(flow=key_in(flow))
            kwargs["form_class"] = TypedNumber
            kwargs["widget"] = AdminTextInputWidget(attrs={"list": PROPOSED_ID, "dir": "ltr"})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "known":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2, "cols": 40, "dir": "ltr"})
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, TypedNumber):
            field.widget = field.widget.widget  # without the button that adds one: it would put its key here
        return field
