"""Long forms made short: fields that matter only for a choice beside them, and sections that are as usual.

class QueueAdmin(NamedAdmin):
    shown_for = {"team": ("help_desk", ANY)}                       its row is hidden until a help desk is chosen
    fieldsets = ((_("Staffing"), {"fields": (...), "classes": (FOLD,)}),)  folded while everything in it is as usual

Hidden and folded fields are sent as they are: nothing is lost. Without a script every field is shown.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.http import HttpRequest

ANY = "*"
"""Whatever is chosen, as long as something is."""

TICKED = "true"

FOLD = "fold"


class LongForm(admin.ModelAdmin):
    """A form that shows what matters now."""

    shown_for: Mapping[str, tuple[str, str]] = {}
    """Field to the choice it hangs on and the values, with spaces between, for which it is shown."""

    class Media:
        js = (forms.Script("portal/shown-for.js", defer=True),)

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in self.shown_for:
            chooser, values = self.shown_for[db_field.name]
            field.widget.attrs |= {"data-shown-by": chooser, "data-shown-for": values}
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = set(self.get_readonly_fields(request, obj))
        fieldsets = super().get_fieldsets(request, obj)
        return [(name, _folded(self.model, options, obj, shown)) for name, options in fieldsets]


def _folded(model: type[Model], options: Any, obj: Model | None, shown: set[Any]) -> dict[str, Any]:
    classes = options.get("classes", ())
    if FOLD not in classes:
        return options
    is_usual = all(name in shown or _is_usual(model, name, obj) for name in flatten(options["fields"]))
    return {**options, "classes": ("collapse",) if is_usual else ()}


def _is_usual(model: type[Model], name: str, obj: Model | None) -> bool:
    """Whether the field has its default; what is only shown says nothing."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return True
    return obj is None or bool(getattr(obj, field.attname) == field.get_default())
