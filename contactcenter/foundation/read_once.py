"""What many rows of a page offer, or lead to, is read from the database once, instead of by each row."""

from functools import cache
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet


class ReadOnce(BaseInlineFormSet):  # type: ignore[type-arg]  # no generic at run time
    """Rows whose choices are read once for all, and that are not looked up again one by one when they come back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for field in self.form.base_fields.values():
            _share(field)
        super().__init__(*args, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = form.fields[self.model._meta.pk.name]  # type: ignore[union-attr]  # set by the factory
        find = key.to_python
        key.to_python = lambda value: form.instance if value == str(form.instance.pk) else find(value)


def _share(field: Any) -> None:
    """All copies of a choice take one look at the things that can be chosen."""
    if not isinstance(getattr(field.widget, "widget", None), forms.Select):  # inside its links to related pages
        return
    read, find = field.choices, field.to_python
    listed = cache(lambda: list(iter(read)))  # `list(read)` would first count them
    things = cache(lambda: {str(value): value.instance for value, _label in listed() if value})
    # What is not among them is refused as ever.
    field.choices, field.to_python = listed, lambda value: things().get(str(value)) or find(value)
