"""What a record holds, in the words of the form it came from: labels, choices, names of related things."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.db.models import Field, Model
from django.utils import timezone
from django.utils.formats import date_format, number_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contactcenter.foundation.fields import EncryptedTextField
from contactcenter.foundation.logs import mask
from contactcenter.foundation.translating import listed
from routing.document import render
from routing.models import Branch
from routing.wording import entries_of, in_words

SEES_NUMBERS = "routing.view_callers"


class Words:
    """How values are said to one person. Related things are looked up once for each kind, not once for each row."""

    def __init__(self, user: Any) -> None:
        self._masks = not user.has_perm(SEES_NUMBERS)
        self._wanted: dict[type[Model], set[Any]] = defaultdict(set)
        self._found: dict[type[Model], dict[Any, str]] = {}

    def text(self, text: str) -> str:
        """Free text; phone numbers in it are masked for whoever may not see them."""
        return mask(text) if self._masks else text

    def will_need(self, field: "Field[Any, Any]", values: Iterable[Any]) -> None:
        """Note which related things are going to be named."""
        if related := field.related_model:
            keys = [key for value in values for key in (value if isinstance(value, tuple) else (value,))]
            self._wanted[related].update(key for key in keys if key is not None)

    def value(self, field: "Field[Any, Any]", value: Any) -> str:
        """One value of one field; empty when there is none."""
        if field.model is Branch and field.name == "conditions" and value is not None:
            return in_words(value, self._entries)
        if value in (None, "", (), [], {}):
            return ""
        if field.related_model:
            keys = value if isinstance(value, tuple) else (value,)
            return listed(sorted(self._name(field.related_model, key) for key in keys))
        return self.text(_said(field, value))

    def form_value(self, field: "Field[Any, Any] | None", value: Any) -> str:
        """One value of a form, whose field may be of no model. Of a secret only whether there is one."""
        if isinstance(field, EncryptedTextField):
            return _("(secret)") if value else ""
        if field is None:
            return self.text(_plain(value))
        return self.value(field, tuple(value) if field.many_to_many else value)

    def parts(self, field: "Field[Any, Any]", before: Any, after: Any) -> list[tuple[str, str, str]]:
        """What differs, as label, before, after. Of something with names inside only the names that differ."""
        label = str(capfirst(field.verbose_name))
        if isinstance(before or {}, dict) and isinstance(after or {}, dict) and (before or after):
            old, new = before or {}, after or {}
            names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
            said = [(name, _plain(old.get(name)), _plain(new.get(name))) for name in names]
            return [(f"{label}: {name}", self.text(was), self.text(now)) for name, was, now in said]
        return [(label, self.value(field, before), self.value(field, after))]

    @cached_property
    def _entries(self) -> Mapping[str, Any]:
        return entries_of(render())

    def _name(self, model: type[Model], key: Any) -> str:
        if model not in self._found:
            things = model._default_manager.filter(pk__in=self._wanted[model] | {key}).select_related()
            self._found[model] = {thing.pk: str(thing) for thing in things}
        return self._found[model].get(key) or _last_name(model, key)


def _last_name(model: type[Model], key: Any) -> str:
    """How something that is gone was called, as far as its history tells."""
    manager = getattr(model, "history", None)
    last = manager.filter(**{model._meta.pk.attname: key}).first() if manager else None
    gone = {"kind": model._meta.verbose_name, "id": key}
    if last is None:
        return _("%(kind)s %(id)s, which is gone") % gone
    return _("%(name)s, which is gone") % {"name": str(last.instance)}


def _said(field: Any, value: Any) -> str:
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case date():
            return date_format(value)
        case time():
            return time_format(value, "H:i")
        case int() | float():
            return str(number_format(value))
        case list():
            return listed(map(_plain, value))
        case dict():
            return "; ".join(f"{name}: {_plain(inner)}" for name, inner in value.items())
        case _:
            return str(value)
