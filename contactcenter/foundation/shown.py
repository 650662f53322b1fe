"""What a form has shown: a print of each value, to be compared with what is stored when it comes back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

Prints = dict[str, str]


@dataclass
class Shown:
    """Prints of a form's fields and of the rows on its page, each by name; `at`: when it was shown."""

    fields: Prints
    rows: dict[str, Prints]
    at: str = field(default_factory=lambda: timezone.now().isoformat())

    def as_text(self) -> str:
        return json.dumps([self.fields, self.rows, self.at], separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Shown | None":
        """None for what no form of ours has sent."""
        try:
            fields, rows, at = json.loads(text)
            if parse_datetime(at) is None:
                return None
            return cls(dict(fields), {key: dict(row) for key, row in rows.items()}, at)
        except (ValueError, TypeError, AttributeError):
            return None


@dataclass(frozen=True)
class Overtaken:
    """What was stored since the form was shown."""

    before: Shown
    now: Shown

    @property
    def fields(self) -> list[str]:
        return _differing(self.before.fields, self.now.fields)

    @property
    def gone(self) -> list[str]:
        return [key for key in self.before.rows if key not in self.now.rows]

    @property
    def added(self) -> list[str]:
        return [key for key in self.now.rows if key not in self.before.rows]

    def in_row(self, key: str) -> list[str]:
        return _differing(self.before.rows.get(key, {}), self.now.rows.get(key, {}))

    def __bool__(self) -> bool:
        return (self.before.fields, self.before.rows) != (self.now.fields, self.now.rows)


def shown_by(page: Any, request: HttpRequest, thing: Model, form: Any) -> Shown:
    """The prints of an admin page's form about `thing`, as it is stored."""
    fields = {name: print_of(form.get_initial_for_field(each, name)) for name, each in form.fields.items()}
    return Shown(fields, dict(_rows(page, request, thing)))


def _rows(page: Any, request: HttpRequest, thing: Model) -> Iterator[tuple[str, Prints]]:
    """The rows that this person may change, by `<model>:<key>`."""
    for inline in page.get_inline_instances(request, thing):
        if inline.has_change_permission(request, thing):
            link = _get_foreign_key(page.model, inline.model, fk_name=inline.fk_name)
            own = [each for each in inline.model._meta.concrete_fields if each.editable and each != link]
            for row in inline.get_queryset(request).filter(**{link.name: thing.pk}):
                values = {each.name: print_of(each.value_from_object(row)) for each in own if not each.primary_key}
                yield key_of(row), values


def key_of(row: Model) -> str:
    """What a row is known by: `<model>:<key>`."""
    return f"{row._meta.label_lower}:{row.pk}"


def _differing(before: Prints, now: Prints) -> list[str]:
    return [name for name in now if before.get(name) != now[name]]


def print_of(value: Any) -> str:
    """A short hash under our own key: it tells that a value differs and nothing of the value, were it a secret."""
    text = json.dumps(plain(value), sort_keys=True, default=str)
    return blake2b(text.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=5).hexdigest()


def plain(value: Any) -> Any:
    """The same for a value that was stored and for one that came back from a form."""
    match value:
        case None:
            return ""
        case Model():
            return value.pk
        case QuerySet() | list() | tuple() if value and all(isinstance(each, Model) for each in value):
            return sorted(each.pk for each in value)
        case QuerySet():
            return []
        case str():
            return value.replace("\r\n", "\n").strip()
        case datetime():
            return value.astimezone(UTC).replace(microsecond=0)
        case date() | bool():
            return value
        case Decimal() | float():
            return float(value)
        case _:
            return value
