"""Pages that say what follows: before a deletion, of one thing or of many, and before something is switched off."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from contactcenter.foundation import consequences

CONFIRMED = "confirmed"


class AsksBeforeSwitchingOff(forms.ModelForm):
    """Refuses once that something in use is switched off, says what follows, and takes a second click for a yes."""

    switched_off_by = switching_off_means = ""
    person: Any = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        is_off = self.switched_off_by in self.changed_data and not self.cleaned_data.get(self.switched_off_by)
        if self.instance.pk and is_off and CONFIRMED not in self.data:
            found = consequences.of_switching_off([self.instance], self.person)
            if found:
                raise ValidationError(_in_form(self.switching_off_means, found))
        return cleaned


def _in_form(means: Any, found: list[consequences.Consequence]) -> Any:
    listed = format_html_join("", "<li>{}</li>", ((each.html,) for each in found))
    return format_html(
        '{}<ul>{}</ul><label><input type="checkbox" name="{}" value="yes"> {}</label>',
        means or _("This switches off what is in use:"),
        listed,
        CONFIRMED,
        _("Switch it off all the same, and save."),
    )


class SaysConsequences(admin.ModelAdmin):
    """A page whose thing others stand on."""

    delete_confirmation_template = "admin/consequences/delete.html"
    delete_selected_confirmation_template = "admin/consequences/delete_selected.html"
    switched_off_by = ""
    """The field that switches the thing off, where there is one: "is_enabled"."""
    switching_off_means: Any = ""
    """A sentence on what that does to callers and colleagues."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        if not self.switched_off_by or self.switched_off_by not in form.base_fields:
            return form
        own = {"switched_off_by": self.switched_off_by, "switching_off_means": self.switching_off_means}
        own["person"] = request.user
        return type(form)(form.__name__, (AsksBeforeSwitchingOff, form), own)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """Each thing, what hangs on them, and what keeps them here. Nothing is listed that nobody could read."""
        things = list(objs)
        found = consequences.of_deletion(things, request.user)
        in_the_way = [each for each in found if each.is_in_the_way]
        refused = not all(self.has_delete_permission(request, each) for each in things)
        follows = [each for each in found if not each.is_in_the_way]
        shown: list[Any] = [[str(thing) for thing in things], follows]
        return shown, {self.opts.verbose_name_plural: len(things)}, _kinds(self) if refused else set(), in_the_way


def _kinds(page: admin.ModelAdmin) -> set[Any]:
    return {page.opts.verbose_name}
