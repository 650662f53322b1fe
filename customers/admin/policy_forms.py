"""The forms of a tier policy: what its fields offer, and what cannot be saved."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import values
from contactcenter.foundation.admin import LabelledCells, PortalInline
from customers.admin.value_curve import Shares
from customers.models import AttributeDefinition, Customer, TierPolicy, TierRule, TierShare
from customers.tiering.fields import ATTRIBUTE, COLUMNS, COUNTABLE
from customers.tiering.policies import rule


def _fields(kinds: Iterable[str]) -> list[tuple[str, Any]]:
    """The customer's fields of these types, those that supervisors defined among them."""
    own = [(name, _label(name)) for name, kind in COLUMNS.items() if kind in kinds]
    defined = AttributeDefinition.objects.filter(type__in=kinds).values_list("key", "label")
    return [*own, *((f"{ATTRIBUTE}{key}", label) for key, label in defined)]


def _label(name: str) -> Any:
    field: Any = Customer._meta.get_field(name)
    return field.verbose_name


def _countable() -> list[tuple[str, Any]]:
    return _fields(COUNTABLE)


def _comparable() -> list[tuple[str, Any]]:
    return _fields((*COUNTABLE, values.TEXT, values.YES_NO))


class TierPolicyForm(forms.ModelForm):
    """A policy; what customers can be ranked by depends on the attributes defined."""

    class Meta:
        model = TierPolicy
        fields = ("connection", "source", "value_field", "otherwise", "margin_percent", "grace_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("value_field"):
            widget = forms.Select(field.widget.attrs)
            self.fields["value_field"] = forms.ChoiceField(
                choices=_countable, widget=widget, label=field.label, help_text=field.help_text
            )


class TierRuleForm(forms.ModelForm):
    class Meta:
        model = TierRule
        fields = ("position", "field", "operator", "operand", "tier")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("field"):
            self.fields["field"] = forms.ChoiceField(choices=_comparable, label=field.label, help_text=field.help_text)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if {"field", "operator", "operand", "tier"} <= self.cleaned_data.keys():
            self._check(self.cleaned_data)
        return cleaned

    def _check(self, row: dict[str, Any]) -> None:
        kind = COLUMNS.get(row["field"]) or _type_of(row["field"].removeprefix(ATTRIBUTE))
        if kind not in COUNTABLE and row["operator"] != TierRule.Operator.IS:
            self.add_error("operator", _("Only numbers are more or less than others: choose “is”."))
            return
        try:
            rule(TierRule(**{name: row[name] for name in ("field", "operator", "operand", "tier")}), kind)
        except values.NotOfType:
            self.add_error("operand", OPERANDS.get(kind, _("This is not what the field holds.")))


OPERANDS = {
    values.MONEY: _("Write the amount in cents, as a whole number: 100000 is 1,000.00."),
    values.NUMBER: _("Write a number."),
    values.YES_NO: _("Write yes or no."),
}


def _type_of(key: str) -> str:
    return AttributeDefinition.objects.filter(key=key).values_list("type", flat=True).first() or values.TEXT


class TierRuleInline(PortalInline):
    model = TierRule
    form = TierRuleForm
    verbose_name_plural = _("Rules (tried in order, the first that fits gives the tier)")


class ShareRows(LabelledCells):
    """The shares of a policy: the higher the tier, the smaller its group."""

    def clean(self) -> None:
        super().clean()
        rows = sorted(shares_in(self), key=lambda share: share[0].rank)
        for (lower, larger), (higher, smaller) in pairwise(rows):
            if smaller >= larger:
                raise ValidationError(
                    _("%(higher)s stands above %(lower)s, so its share must be smaller: it is part of it."),
                    params={"higher": higher, "lower": lower},
                )


def shares_in(rows: BaseInlineFormSet) -> Shares:
    """What stands in the rows, the deleted and the unreadable left out."""
    live = [form.cleaned_data for form in rows.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
    return [(row["tier"], row["percent"]) for row in live if row.get("tier") and row.get("percent")]


class TierShareInline(PortalInline):
    model = TierShare
    formset = ShareRows
    fields = ("tier", "percent")
    verbose_name_plural = _("Shares (for “top customers” and “Pareto”; a tier's share includes the tiers above it)")
