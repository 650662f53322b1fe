"""Stored rows of a page are alike: one of them is drawn, and filled in for each of the others.

Django draws a row by a hundred small templates: that is 20 ms, and a flow has hundreds of branches. Rows that differ
in more than their values, new ones and those with a mistake, are still drawn one by one.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any

from django import forms
from django.contrib.admin.helpers import AdminReadonlyField
from django.contrib.admin.utils import label_for_field
from django.utils.crypto import get_random_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Row = Any
"""Django's `InlineAdminForm`."""
Draw = Callable[[Row, int], str]
"""A row, and which it is on the page, to its HTML."""


def drawn(rows: Iterable[Row], draw: Draw) -> Iterator[str]:
    """The HTML of each of `rows`."""
    pattern = None
    for number, row in enumerate(rows, start=1):
        if row.original is None or row.form.errors:
            yield draw(row, number)
        else:
            pattern = pattern or Pattern(row, draw, number)
            yield pattern.filled(row)


class Pattern:
    """A stored row with gaps where its values stand."""

    def __init__(self, row: Row, draw: Draw, number: int) -> None:
        self._token = get_random_string(20)  # nobody's text looks like a gap
        self._prefix = f"{row.formset.prefix}-{self._token}"
        self._fill: dict[str, Callable[[Row], str]] = {}
        blank = copy(row)
        blank.original = self._gap("original", lambda row: escape(row.original))
        only_read = {name: self._only_read(name, row) for name in row.readonly_fields}
        blank.readonly_fields = tuple(only_read.values())
        blank.fieldsets = [(title, options | _fields(options, only_read)) for title, options in row.fieldsets]
        blank.form = self._blank_form(row, only_read)
        self._parts = re.split(rf"{self._token}:(.*?);", _without_indents(draw(blank, number)))

    def filled(self, row: Row) -> SafeString:
        """What Django would draw for `row`."""
        gaps = iter(self._parts[1::2])
        texts = "".join(text + self._fill[gap](row) for text, gap in zip(self._parts[:-1:2], gaps, strict=True))
        html = (texts + self._parts[-1]).replace(self._prefix, row.form.prefix)
        return mark_safe(html)  # noqa: S308 - each part is escaped

    def _gap(self, name: str, fill: Callable[[Row], str]) -> SafeString:
        self._fill[name] = fill
        return mark_safe(f"{self._token}:{name};")  # noqa: S308 - letters and digits

    def _only_read(self, name: str, row: Row) -> Callable[[Any], str]:
        """In the place of a field that is only read: Django shows what this says."""
        gap = self._gap(name, lambda row: _read(row, name))

        def shown(_instance: Any) -> SafeString:
            return gap

        shown.__name__ = name
        # A function, to the admin, is a field with a label.
        shown.short_description = label_for_field(name, row.form._meta.model, row.model_admin, form=row.form)  # type: ignore[attr-defined]
        return shown

    def _blank_form(self, row: Row, only_read: dict[str, Any]) -> Any:
        formset, stored = row.formset, row.form
        form = formset.form(
            instance=stored.instance,
            prefix=self._prefix,
            auto_id=formset.auto_id,
            use_required_attribute=False,
            **formset.get_form_kwargs(0),
        )
        formset.add_fields(form, 0)
        for name, field in list(form.fields.items()):
            if name in only_read:
                form.fields[only_read[name]] = field  # whether its line is hidden is asked under that name
            else:
                self._blank_control(form, name, field)
        return form

    def _blank_control(self, form: Any, name: str, field: forms.Field) -> None:
        """Leaves out what is typed or chosen. A control of a kind not known here is drawn anew for each row."""
        holder: Any = field.widget if hasattr(field.widget, "widget") else field  # inside its links to related pages
        control = holder.widget
        if type(control) is forms.CheckboxInput:
            control.attrs[self._gap(name, lambda row: "checked" * bool(row.form[name].value()))] = True
        elif isinstance(control, forms.TextInput | forms.NumberInput | forms.HiddenInput):
            form.initial[name] = self._gap(name, lambda row: _typed(row.form[name]))
        elif type(control) is forms.Select:
            form.initial[name] = NOTHING
            options = _without_indents(form[name].as_widget(control))
            holder.widget = _Gap(self._gap(name, lambda row: _chosen(row.form[name], options)))
        else:
            holder.widget = _Gap(self._gap(name, lambda row: row.form[name].as_widget(_control(row.form[name]))))


NOTHING = "\0"
"""Not the empty option, which would be ticked, but none."""


class _Gap(forms.Widget):
    """What stands in the place of a control."""

    def __init__(self, gap: SafeString) -> None:
        super().__init__()
        self.gap = gap

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return self.gap


def _without_indents(html: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", html)


def _fields(options: Any, only_read: dict[str, Any]) -> dict[str, Any]:
    """The fields of a fieldset, some of which stand together on a line."""

    def named(line: Any) -> Any:
        return only_read.get(line, line) if isinstance(line, str) else tuple(map(named, line))

    return {"fields": [named(line) for line in options["fields"]]}


def _read(row: Row, name: str) -> str:
    return str(AdminReadonlyField(row.form, name, is_first=False, model_admin=row.model_admin).contents())


def _control(bound: forms.BoundField) -> Any:
    return getattr(bound.field.widget, "widget", bound.field.widget)


def _typed(bound: forms.BoundField) -> str:
    value = _control(bound).format_value(bound.value())
    return "" if value is None else escape(value)


def _chosen(bound: forms.BoundField, options: str) -> str:
    for value in _control(bound).format_value(bound.value()):
        option = f'<option value="{escape(value)}"'
        options = options.replace(option, f"{option} selected", 1)
    return options
