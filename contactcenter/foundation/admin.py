"""What every app's admin stands on: evidence that is only read, secrets that are never shown, cells with names.

class CrmConnectionAdmin(PortalAdmin): ...        secrets are write-only
class HandleInline(PortalInline): ...             a table whose cells have names
class TierChangeAdmin(EvidenceAdmin): ...         read-only, paged by key
class RejectedRowInline(EvidenceInline): ...      a table that is only read
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.db.models import Field, URLField
from django.db.models.constants import LOOKUP_SEP
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from contactcenter.foundation.consequence_admin import SaysConsequences
from contactcenter.foundation.fields import EncryptedTextField
from contactcenter.foundation.long_forms import LongForm
from contactcenter.foundation.lost_updates import LostUpdates
from contactcenter.foundation.paging import DayFilter, KeysetChangeList
from contactcenter.foundation.team_admin import TeamLimits, TeamRows
from contactcenter.foundation.translating import named
from contactcenter.foundation.undo import Undoable

__all__ = [
    "DayFilter",
    "EvidenceAdmin",
    "EvidenceInline",
    "KeysetAdmin",
    "LabelledCells",
    "PlainRelations",
    "PortalAdmin",
    "PortalInline",
    "left_to_right",
]


class SecretInput(forms.PasswordInput):
    """Says that a secret is stored, never which. Left empty it keeps it; a box removes it."""

    template_name = "foundation/secret.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "new-password", "class": "vTextField", **(attrs or {})}, render_value=False)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"] |= {"is_stored": bool(value), "remove": f"{name}-remove"}
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str | None:
        """What was typed, "" to remove the secret, None to keep it."""
        return data.get(name) or ("" if f"{name}-remove" in data else None)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        # Django then leaves the model's value as it is (construct_instance).
        return self.value_from_datadict(data, files, name) is None


class WriteOnlySecret(forms.CharField):
    """The form field of a secret. Its model field needs a default, which is what lets an empty input keep the value."""

    widget = SecretInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not None and data != (initial or "")


OVERRIDES: dict[type[Field], dict[str, Any]] = {
    EncryptedTextField: {"form_class": WriteOnlySecret, "widget": SecretInput},
    URLField: {"assume_scheme": "https", "widget": forms.URLInput(attrs={"class": "vURLField"})},
}


class LabelledCells(BaseInlineFormSet):
    """Names each control of a table row for those who do not see its column."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            if field.label is not None and not field.widget.is_hidden:
                control: Any = getattr(field.widget, "widget", field.widget)  # inside its links to related pages
                control.attrs.setdefault("aria-label", field.label)  # translated where it is drawn, not for each row


class PortalAdmin(LongForm, SaysConsequences, LostUpdates, Undoable, TeamLimits):
    """A page of ours: secrets are write-only, and both halves of a moment have a name."""

    formfield_overrides = OVERRIDES
    show_facets = admin.ShowFacets.NEVER  # nobody asked for a count of each filter
    about: Any = ""
    """What such a thing is for, in a sentence: for whoever adds one, or finds none yet."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, AdminSplitDateTime):
            for part, name in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                part.attrs["aria-label"] = named(field.label, name)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False  # one click from a form is too near
        return field


class PlainRelations(TeamRows):
    """In a row a related thing can be chosen and added; it is changed and deleted on its own page."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field


class PortalInline(PlainRelations, admin.TabularInline):
    """Rows on the page of the thing they belong to."""

    formset = LabelledCells
    formfield_overrides = OVERRIDES
    extra = 0


def left_to_right(text: Any) -> Any:
    """Numbers and addresses as they are dialled, also on a page that runs from right to left."""
    return format_html('<bdi dir="ltr">{}</bdi>', text) if text else "-"


class KeysetAdmin(TeamLimits):
    """A list that is paged by key, without a count. Search exactly: `search_fields = ("call_id__exact",)`."""

    change_list_template = "admin/keyset_change_list.html"
    list_per_page = 50
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count, too

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the filters that it offers, or by what a row belongs to: not by any column that an address names.

        Else a number that is shown masked is found out digit by digit, and one address reads the whole table.
        """
        name = lookup.split(LOOKUP_SEP)[0]
        is_own = any(field.name == name and not field.is_relation for field in self.opts.fields)
        return (not is_own or name in _offered(self)) and super().lookup_allowed(lookup, value, request)


def _offered(page: admin.ModelAdmin) -> set[str]:
    """What the filters of a list are called in addresses."""
    named = [each[0] if isinstance(each, tuple) else each for each in page.list_filter]
    return {str(getattr(each, "parameter_name", each)) for each in named}


class _ReadOnly:
    """Nobody adds, changes or removes; who may view is Django's model permission."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False


class EvidenceAdmin(_ReadOnly, KeysetAdmin):
    """What happened: to be read, never edited."""

    actions = None


class EvidenceInline(_ReadOnly, admin.TabularInline):
    """What happened, as rows of what it happened to."""

    extra = 0
    can_delete = False
    show_change_link = False
