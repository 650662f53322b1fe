"""A customer's further attributes as one form field each, of the type they were defined with."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import values
from customers.models import AttributeDefinition, Customer

PREFIX = "attribute_"

LARGEST = 10**15
"""As foundation.values has it."""


def field_name(definition: AttributeDefinition) -> str:
    """What the form calls the attribute."""
    return PREFIX + definition.key


def _yes_no() -> forms.Field:
    return forms.ChoiceField(choices=[("", _("unknown")), ("yes", _("yes")), ("no", _("no"))])


def _date() -> forms.Field:
    return forms.DateField(widget=AdminDateWidget)


FIELDS = {
    values.TEXT: lambda: forms.CharField(
        max_length=values.LONGEST_TEXT, widget=forms.TextInput(attrs={"class": "vTextField"})
    ),
    values.NUMBER: lambda: forms.FloatField(min_value=-LARGEST, max_value=LARGEST),
    values.MONEY: lambda: forms.IntegerField(min_value=-LARGEST, max_value=LARGEST),
    values.YES_NO: _yes_no,
    values.DATE: _date,
}


def form_field(definition: AttributeDefinition) -> forms.Field:
    """An optional field of the attribute's type; left empty, the attribute is unknown."""
    field: forms.Field = FIELDS[definition.type]()
    field.required, field.label = False, definition.label
    field.help_text = _("In branches: customer.%(key)s (%(type)s). Empty: unknown.") % {
        "key": definition.key,
        "type": definition.get_type_display(),
    }
    return field


def shown(value: Any, kind: str) -> Any:
    """A stored value as its form field has it."""
    if kind == values.YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    if kind == values.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    return value


class CustomerForm(forms.ModelForm):
    """A customer, with the fields of `definitions` written into his attributes."""

    definitions: Iterable[AttributeDefinition] = ()

    class Meta:
        model = Customer
        fields = (
            *("name", "tier", "account_manager", "language", "purchases", "order_volume", "lifetime_value"),
            *("plan", "account_level", "category", "objects_to_profiling"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for definition in self.definitions:
            stored = self.instance.attributes.get(definition.key)
            self.initial.setdefault(field_name(definition), shown(stored, definition.type))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        # What has no definition (any more) is not ours to drop.
        attributes = dict(self.instance.attributes)
        for definition in self.definitions:
            attributes.pop(definition.key, None)
            entered = self.cleaned_data.get(field_name(definition))
            value = values.read(entered.isoformat() if isinstance(entered, date) else entered, definition.type)
            if value is not None:
                attributes[definition.key] = value
        self.instance.attributes = attributes
        return cleaned


def form_for(definitions: Iterable[AttributeDefinition]) -> type[CustomerForm]:
    """CustomerForm with a field for each of `definitions`."""
    fields = {field_name(definition): form_field(definition) for definition in definitions}
    return type("CustomerForm", (CustomerForm,), {**fields, "definitions": tuple(definitions)})
