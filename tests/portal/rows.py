"""A portal in use: the demo's configuration, published, and a row of everything else that has a page."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db import models

from customers.models import Alert, FieldMapping
from demo.seed import DemoSecrets, seed
from routing import publishing
from routing.models import Branch, Release
from tests.portal.pseudo import widened

VALUES: tuple[tuple[Any, Any], ...] = (
    (models.DateTimeField, datetime(2026, 11, 1, tzinfo=UTC)),
    (models.DateField, date(2026, 11, 1)),
    (models.TimeField, time(9)),
    ((models.IntegerField, models.DecimalField), 1),
    (models.BooleanField, False),
    (models.JSONField, {}),
    (models.BinaryField, b""),
)


def fill() -> None:
    """Write everything, names in wide letters: so what a person typed is not taken for a word of ours."""
    seed(DemoSecrets("pw", "9" * 32, "token", "secret", 8002))
    FieldMapping.objects.exclude(expression__contains=".").delete()  # plain words, but names in the CRM
    for model in _pages():
        if not model._default_manager.exists() and model not in (Alert, Release):  # whose figures cannot be made up
            _row_of(model)
        _rename(model)
    _rename(Branch)
    publishing.publish("Ω", None)


def _pages() -> Iterable[Any]:
    return [model for model in admin.site._registry if model._meta.managed]


def _row_of(model: Any) -> Any:
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key or field.has_default())]
    row = model(**{field.name: _value(field) for field in fields if not _may_lack(field)})
    return model._default_manager.bulk_create([row])[0]  # without what saving sets going


def _may_lack(field: Any) -> bool:
    return bool(field.null and not (field.is_relation and field.related_model._default_manager.exists()))


def _value(field: Any) -> Any:
    if field.is_relation:
        return field.related_model._default_manager.first() or _row_of(field.related_model)
    if field.choices:
        return next(value for value, _label in field.flatchoices if value)
    if isinstance(field, models.UUIDField):
        return uuid4()
    for kinds, value in VALUES:
        if isinstance(field, kinds):
            return value
    return "" if field.blank else "Ω1"[: field.max_length]


def _rename(model: Any) -> None:
    for column in {"name", "label", "team"} & {field.name for field in model._meta.concrete_fields}:
        for row in model._default_manager.all():
            model._default_manager.filter(pk=row.pk).update(**{column: widened(getattr(row, column))})
