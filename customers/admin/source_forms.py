"""A data source and its variables, checked as strictly in the form as at publishing."""

from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import LabelledCells
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome
from contactcenter.foundation.translating import said
from customers.models import DataSource, DataSourceVariable
from customers.sources import SourceError, compile_source
from customers.sources.answers import ExpressionError, compile_variable

REQUEST_FIELDS = (
    *("method", "url", "body", "auth", "auth_name"),
    *("budget_ms", "connect_ms", "read_ms", "cache_seconds"),
)
VARIABLE_FIELDS = ("name", "expression", "type", "default", "fills")


class DataSourceForm(KeepsSecretAtHome, forms.ModelForm):
    """A data source, and what of it would be asked."""

    class Meta:
        model = DataSource
        fields = ("name", "slug", *REQUEST_FIELDS, "secret")

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.get("auth") == DataSource.Auth.NONE:
            # A secret that nobody needs is not kept: it could not be told later whom it was meant for.
            self.cleaned_data["secret"] = self.instance.secret = ""
        cleaned = super().clean()
        if not self.errors:
            try:
                compile_source("form", self.entry())
            except SourceError as error:
                self.add_error(error.field if error.field in self.fields else None, said(error))
        return cleaned

    def entry(self) -> dict[str, Any]:
        """The request as it would stand in a release, without variables."""
        given = {name: self.cleaned_data.get(name) for name in REQUEST_FIELDS}
        return {name: value for name, value in given.items() if value not in (None, "")}


class VariableForm(forms.ModelForm):
    """One value taken out of the answer."""

    class Meta:
        model = DataSourceVariable
        fields = VARIABLE_FIELDS
        help_texts = {"name": _("In branches: the name of the fetch step, a dot, and this name, such as crm.status.")}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors:
            try:
                compile_variable(self.cleaned_data)
            except ExpressionError as error:
                self.add_error("expression", said(error))
        return cleaned

    def entry(self) -> dict[str, Any]:
        """The variable as it would stand in a release."""
        return {name: value for name in VARIABLE_FIELDS if (value := self.cleaned_data.get(name)) not in (None, "")}


class VariableRows(LabelledCells):
    """The variables of one source."""

    def entries(self) -> list[dict[str, Any]]:
        """The rows that would be saved, as they would stand in a release."""
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        return [form.entry() for form in kept if form not in self.deleted_forms]  # type: ignore[attr-defined]  # a form of ours


def problems(form: DataSourceForm, rows: BaseInlineFormSet, ignored: tuple[str, ...]) -> list[tuple[str, Any]]:
    """(field's label, what is wrong) for everything that keeps the source from being asked."""
    found = [
        (str(form.fields[name].label) if name in form.fields else "", text)
        for name, texts in form.errors.items()
        if name not in ignored
        for text in texts
    ]
    for row in rows.forms:
        named = str(row["name"].value() or _("variable"))
        found += [
            (f"{named}: {row.fields[name].label}", text)
            for name, texts in row.errors.items()
            if name in row.fields
            for text in texts
        ]
    return found + [("", text) for text in rows.non_form_errors()]
