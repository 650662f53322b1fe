"""One thing of every kind that has pages, with whatever its fields demand: made without a form."""

from datetime import date, time
from itertools import count
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db import models
from django.utils import timezone

from routing.document import canonical, checksum, render

SHAPES: dict[str, Any] = {
    "EmailField": "a@example.com",
    "URLField": "",
    "BooleanField": False,
    "DateField": date(2026, 1, 2),
    "TimeField": time(9),
    "JSONField": {},
    "FloatField": 1.0,
}
"""What a field of such a kind is given where it has no default."""

TECHNICAL = "django_celery_beat"
KEYS = count(1_000_007)
"""No two things have the same key: an address with the key of another kind of thing leads nowhere."""


def one_of_each() -> dict[str, models.Model]:
    """By the label of its model; what there is already counts."""
    kinds = [model for model in admin.site._registry if model._meta.app_label != TECHNICAL]
    return {model._meta.label: model._default_manager.first() or one(model) for model in kinds}


def one(model: type[models.Model], **given: Any) -> Any:
    """A row of `model`, with one of everything that it must point to."""
    if model._meta.label == "routing.Release":
        text = canonical(render())
        given = {"document": text, "sha256": checksum(text), **given}
    values = {field.name: _value(field) for field in model._meta.concrete_fields if _is_asked(field, given)}
    if isinstance(model._meta.pk, models.AutoField):
        values["pk"] = next(KEYS)
    return model._default_manager.create(**values | given)


def _is_asked(field: Any, given: dict[str, Any]) -> bool:
    is_made = field.has_default() or field.null or (field.primary_key and isinstance(field, models.AutoField))
    return field.name not in given and not is_made


def _value(field: Any) -> Any:
    if field.is_relation:
        return field.related_model._default_manager.first() or one(field.related_model)
    if field.flatchoices:
        return field.flatchoices[0][0]
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.IntegerField):
        return 1
    if type(field).__name__ not in SHAPES and isinstance(field, models.CharField | models.TextField):
        return uuid4().hex[: field.max_length or 32]
    return SHAPES.get(type(field).__name__, "")
