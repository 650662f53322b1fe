"""Which values a document may have where: read off the models, so that a form and a file refuse the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from jsonschema import Draft202012Validator, FormatChecker

from customers.models import AttributeDefinition, DataSource, DataSourceVariable, LoyaltyTier
from queues.models import Calendar, CalendarException, HelpDesk, OpeningHours, PhoneSystem, Queue
from routing.contacts import CHANNELS
from routing.document import (
    BRANCH_FIELDS,
    BRANCH_LINKS,
    CALENDAR_FIELDS,
    EXCEPTION_FIELDS,
    HOURS_FIELDS,
    QUEUE_FIELDS,
    QUEUE_LINKS,
    SOURCE_FIELDS,
    USUAL_OF_QUEUES,
    USUAL_OF_SYSTEMS,
    VARIABLE_FIELDS,
)
from routing.models import Branch, FetchStep, Flow, NotificationTarget, Number
from routing.release import READABLE

Schema = dict[str, Any]

PARTS: dict[type[models.Model], str] = {
    LoyaltyTier: "tiers",
    Calendar: "calendars",
    PhoneSystem: "phone_systems",
    HelpDesk: "help_desks",
    Queue: "queues",
    DataSource: "sources",
    NotificationTarget: "notification_targets",
    Flow: "flows",
}
"""Where the document holds what a field may point to."""

SYSTEM_FIELDS = ("name", "kind", "answers_at_once", "answer_timeout_s")
UNUSUAL_ONLY = USUAL_OF_QUEUES.keys() | USUAL_OF_SYSTEMS.keys()
"""Fields that a document leaves out where they are as usual."""

LONGEST = 300
"""Characters of what is said of one fault."""

SLUG = "^[-a-zA-Z0-9_]{1,50}$"
VARIABLE = "^[a-z][a-z0-9_]{0,49}$"
ADDRESS = f"^({'|'.join(CHANNELS)}):.{{1,64}}$"
TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


@dataclass(frozen=True)
class Fault:
    """What does not have the shape of a document: the way to it, and what is the matter."""

    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        place = ".".join(str(step) for step in self.path) or "the file"
        return f"{place}: {self.message}"


def faults(document: Mapping[str, Any]) -> list[Fault]:
    """Everything that keeps `document` from being one."""
    found = Draft202012Validator(schema(document), format_checker=FormatChecker(["date"])).iter_errors(document)
    return [Fault(tuple(error.absolute_path), _short(error.message)) for error in found]


def _short(message: str) -> str:
    """A refused value of ten thousand letters is told by its beginning and what is the matter with it."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"


def schema(document: Mapping[str, Any]) -> Schema:
    """The JSON Schema (2020-12) of `document`: what points to a queue must name one that it has."""

    def row(model: type[models.Model], *names: str, **lists: Schema) -> Schema:
        return _object(dict(_properties(model, names, document)), lists)

    queue = row(Queue, *QUEUE_FIELDS, *QUEUE_LINKS)
    branch = row(Branch, *BRANCH_FIELDS, *BRANCH_LINKS)
    step = row(FetchStep, "slug", "precedence", "source")
    parts: dict[str, Schema] = {
        "tiers": _things(SLUG, row(LoyaltyTier, "name", "rank")),
        "attributes": _things(VARIABLE, row(AttributeDefinition, "label", "type")),
        "calendars": _things(
            SLUG,
            row(
                Calendar,
                *CALENDAR_FIELDS,
                hours=_list(row(OpeningHours, *HOURS_FIELDS)),
                exceptions=_list(row(CalendarException, *EXCEPTION_FIELDS)),
            ),
        ),
        "phone_systems": _things(
            SLUG,
            row(PhoneSystem, *SYSTEM_FIELDS, *USUAL_OF_SYSTEMS, hosts=_list({"type": "string"})),
        ),
        "help_desks": _things(SLUG, row(HelpDesk, "name")),
        "queues": _things(SLUG, queue),
        "sources": _things(
            SLUG, row(DataSource, *SOURCE_FIELDS, variables=_list(row(DataSourceVariable, *VARIABLE_FIELDS)))
        ),
        "flows": _things(SLUG, row(Flow, "name", "last_path", "notify", steps=_list(step), branches=_list(branch))),
        "numbers": _things(ADDRESS, row(Number, "label", "time_zone", "flow", "default_queue", account=_text())),
    }
    own = {"format": {"enum": list(READABLE)}}
    optional = {
        "emergency_queue": _one_of(document, "queues"),
        "notification_targets": _things(SLUG, row(NotificationTarget, "name")),
    }
    return _object({name: (each, False) for name, each in optional.items()}, own | parts)


def _object(fields: Mapping[str, tuple[Schema, bool]], lists: dict[str, Schema]) -> Schema:
    """An object with these names and no others; of `fields` those that are marked, of `lists` all are there."""
    return {
        "type": "object",
        "properties": {name: each for name, (each, _required) in fields.items()} | lists,
        "required": [*(name for name, (_each, required) in fields.items() if required), *lists],
        "additionalProperties": False,
    }


def _things(key: str, one: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": key}, "additionalProperties": one}


def _list(one: Schema) -> Schema:
    return {"type": "array", "items": one}


def _text(longest: int | None = None) -> Schema:
    return {"type": "string", "minLength": 1} | ({"maxLength": longest} if longest else {})


def _one_of(document: Mapping[str, Any], part: str) -> Schema:
    things = document.get(part)
    return {"enum": sorted(str(key) for key in things) if isinstance(things, Mapping) else []}


def _properties(
    model: type[models.Model], names: Iterable[str], document: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Schema, bool]]]:
    """Name, shape, and whether it is always there: what may be empty is left out when it is."""
    for name in names:
        field: Any = model._meta.get_field(name.removesuffix("__slug"))
        may_be_empty = field.null or (field.blank and not isinstance(field, models.BooleanField))
        may_be_empty |= field.name in UNUSUAL_ONLY
        yield field.name, (_field(field, document), not may_be_empty)


def _field(field: Any, document: Mapping[str, Any]) -> Schema:
    if isinstance(field, models.ForeignKey):
        related: Any = field.related_model
        return _one_of(document, PARTS[related])
    if field.choices:
        return {"enum": [value for value, _label in field.flatchoices]}
    return next(shape(field) for kind, shape in SHAPES if isinstance(field, kind))


def _limits(field: Any) -> Schema:
    limits: Schema = {"minimum": 0}
    for validator in field.validators:
        if isinstance(validator, MinValueValidator):
            limits["minimum"] = max(limits["minimum"], validator.limit_value)
        if isinstance(validator, MaxValueValidator):
            limits["maximum"] = min(limits.get("maximum", validator.limit_value), validator.limit_value)
    return limits


SHAPES: tuple[tuple[type[Any], Callable[[Any], Schema]], ...] = (
    (models.BooleanField, lambda _field: {"type": "boolean"}),
    (models.IntegerField, lambda field: {"type": "integer", **_limits(field)}),
    (models.FloatField, lambda field: {"type": "number", **_limits(field)}),
    (models.DateField, lambda _field: {"type": "string", "format": "date"}),
    (models.TimeField, lambda _field: {"type": "string", "pattern": TIME}),
    (models.JSONField, lambda _field: {}),
    (models.CharField, lambda field: _text(field.max_length)),
    (models.TextField, lambda _field: _text()),
)
"""What is asked of a kind of field; the first that fits."""
