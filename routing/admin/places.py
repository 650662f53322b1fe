"""Where in the portal the thing stands that a path of a document leads to."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from customers.models import AttributeDefinition, DataSource, LoyaltyTier
from queues.models import Calendar, HelpDesk, PhoneSystem, Queue
from routing.models import Flow, NotificationTarget, Number

Place = tuple[Any, ...]

MODELS: dict[str, tuple[type[Model], str]] = {
    "attributes": (AttributeDefinition, "key"),
    "calendars": (Calendar, "slug"),
    "flows": (Flow, "slug"),
    "help_desks": (HelpDesk, "slug"),
    "notification_targets": (NotificationTarget, "slug"),
    "phone_systems": (PhoneSystem, "slug"),
    "queues": (Queue, "slug"),
    "sources": (DataSource, "slug"),
    "tiers": (LoyaltyTier, "slug"),
}
"""What lies in each part of a document, and by which field; numbers have two."""


def url_of(request: HttpRequest, path: Place) -> str:
    """The page on which the thing can be changed; empty when there is none that this person may open."""
    part = path[0]
    if part == "emergency_queue":
        return _address(request, Queue, "changelist")
    model, found = Number if part == "numbers" else MODELS[part][0], _find(path)
    return _address(request, model, "change", [found]) if found is not None else ""


def urls_of(request: HttpRequest, paths: Iterable[Place]) -> dict[Place, str]:
    """`url_of` for many paths: each thing is looked up once."""
    asked = list(paths)
    known = {place: url_of(request, place) for place in {path[:2] for path in asked}}
    return {path: known[path[:2]] for path in asked}


def _find(path: Place) -> Any:
    """The primary key of the thing, if it is in the draft."""
    if path[0] == "numbers":
        channel, _colon, address = path[1].partition(":")
        things: Any = Number.objects.filter(channel=channel, address=address)
    else:
        model, field = MODELS[path[0]]
        things = model._default_manager.filter(**{field: path[1]})
    return things.values_list("pk", flat=True).first()


def _address(request: HttpRequest, model: type[Model], page: str, arguments: list[Any] | None = None) -> str:
    meta, user = model._meta, request.user
    label = f"{meta.app_label}.{{}}_{meta.model_name}"
    if not (user.has_perm(label.format("view")) or user.has_perm(label.format("change"))):
        return ""
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=arguments)
    except NoReverseMatch:
        return ""  # this portal has no page for it
