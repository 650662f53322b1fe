"""The draft as one document: everything a decision depends on, keyed by slugs.

A release is such a document, a file of it is its other form, and every difference is document against
document. It holds no person, no secret and no key. Keys whose value would be empty are left out.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django.db.models import Model, QuerySet

from customers.models import AttributeDefinition, DataSource, DataSourceVariable, LoyaltyTier
from queues.models import Calendar, CalendarException, HelpDesk, OpeningHours, PhoneSystem, Queue
from routing.models import Branch, FetchStep, Flow, NotificationTarget, Number
from routing.release import FORMAT

Document = dict[str, Any]
Row = dict[str, Any]


def render(only_flows: QuerySet[Flow] | None = None, only_numbers: QuerySet[Number] | None = None) -> Document:
    """The draft as it stands. A fixed number of queries, however large the draft is.

    Flows and numbers are what there may be thousands of: who shows few of them has only those rendered.
    """
    document: Document = {
        "format": FORMAT,
        "tiers": _by_slug(LoyaltyTier, "name", "rank"),
        "attributes": _keyed(AttributeDefinition.objects.values("key", "label", "type"), "key"),
        "calendars": _calendars(),
        "phone_systems": _phone_systems(),
        "help_desks": _by_slug(HelpDesk, "name"),
        "queues": _queues(),
        "sources": _sources(),
        "flows": flows(only_flows),
        "numbers": _numbers(only_numbers),
    }
    if targets := _by_slug(NotificationTarget, "name"):
        document["notification_targets"] = targets  # left out without any: releases of earlier versions have none
    emergency = [slug for slug, queue in document["queues"].items() if queue.pop("is_emergency")]
    return document | ({"emergency_queue": emergency[0]} if emergency else {})


def canonical(document: Mapping[str, Any]) -> str:
    """`document` as text: the same text for the same contents, always."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def checksum(text: str) -> str:
    """SHA-256 of `text` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _filled(row: Mapping[str, Any], *keys: str) -> Row:
    """`row` without its empty fields and `keys`; what `queue__slug` points to is simply its `queue`."""
    return {
        name.removesuffix("__slug"): _plain(value)
        for name, value in row.items()
        if value not in (None, "") and name not in keys
    }


def _plain(value: Any) -> Any:
    """`value` as JSON has it: times as 09:00, days as 2026-12-25, the rest as it is."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value


def _keyed(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, Row]:
    return {row[key]: _filled(row, key) for row in rows}


def _by_slug(model: type[Model], *fields: str) -> dict[str, Row]:
    return _keyed(model._default_manager.values("slug", *fields), "slug")


def _children(rows: Iterable[Mapping[str, Any]], parent: str) -> defaultdict[str, list[Row]]:
    """Rows in their order, under the slug of what they belong to."""
    children: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        children[row[parent]].append(_filled(row, parent))
    return children


CALENDAR_FIELDS = ("name", "time_zone", "country", "region")
HOURS_FIELDS = ("weekday", "opens", "closes")
EXCEPTION_FIELDS = ("first_day", "last_day", "label", "kind", "opens", "closes")


def _calendars() -> dict[str, Row]:
    hours, exceptions = (
        _children(model.objects.order_by(*fields).values("calendar__slug", *fields), "calendar__slug")
        for model, fields in ((OpeningHours, HOURS_FIELDS), (CalendarException, EXCEPTION_FIELDS))
    )
    return {
        slug: calendar | {"hours": hours[slug], "exceptions": exceptions[slug]}
        for slug, calendar in _by_slug(Calendar, *CALENDAR_FIELDS).items()
    }


def _phone_systems() -> dict[str, Row]:
    return {
        system.slug: {
            "name": system.name,
            "kind": system.kind,
            "hosts": system.host_list,
            "answers_at_once": system.answers_at_once,
            "answer_timeout_s": system.answer_timeout_s,
            **unusual({field: getattr(system, field) for field in USUAL_OF_SYSTEMS}, USUAL_OF_SYSTEMS),
        }
        for system in PhoneSystem.objects.all()
    }


USUAL_OF_SYSTEMS = {"learns_by": "", "statistics_by": "nobody", "outcomes_by": "nobody"}
USUAL_OF_QUEUES = {"when_full": "overflow", "closed_without_agents": True}
"""Fields that came after the first releases: a document without one means this."""


def unusual(row: Row, usual: Mapping[str, Any]) -> Row:
    """`row` without what is as usual, so that releases from before a field came are still equal to their draft."""
    return {name: value for name, value in row.items() if usual.get(name) != value}


QUEUE_FIELDS = (
    "name",
    "voice_kind",
    "voice_address",
    "team",
    "priority_class",
    "head_start_s",
    "answer_timeout_s",
    "promised_wait_s",
    "max_waiting",
    "service_level_percent",
    "service_level_s",
    "when_closed",
    "closed_address",
    "when_full",
    "full_address",
    "closed_without_agents",
    "skills",
    "headers",
    "agents_per_caller",
)
QUEUE_LINKS = ("phone_system__slug", "help_desk__slug", "calendar__slug", "overflow_to__slug")


def _queues() -> dict[str, Row]:
    rows = _by_slug(Queue, *QUEUE_FIELDS, *QUEUE_LINKS, "is_emergency")
    return {slug: unusual(row, USUAL_OF_QUEUES) for slug, row in rows.items()}


SOURCE_FIELDS = (
    "name",
    "method",
    "url",
    "body",
    "auth",
    "auth_name",
    "budget_ms",
    "connect_ms",
    "read_ms",
    "cache_seconds",
)
VARIABLE_FIELDS = ("name", "expression", "type", "default", "fills")


def _sources() -> dict[str, Row]:
    variables = _children(
        DataSourceVariable.objects.order_by("name").values("source__slug", *VARIABLE_FIELDS), "source__slug"
    )
    return {
        slug: source | {"variables": variables[slug]} for slug, source in _by_slug(DataSource, *SOURCE_FIELDS).items()
    }


BRANCH_FIELDS = ("slug", "label", "conditions", "target_kind", "priority_class", "head_start_s")
BRANCH_LINKS = ("queue__slug", "notify__slug")
FLOW_FIELDS = ("name", "last_path__slug", "notify__slug")
STEP_FIELDS = ("slug", "precedence", "source__slug")


def flows(only: QuerySet[Flow] | None = None) -> dict[str, Row]:
    """The flows as they stand, or only these, by short name."""
    which = Flow.objects.all() if only is None else only
    steps, branches = (
        _children(
            model._default_manager.filter(flow__in=which).order_by("position", "id").values("flow__slug", *fields),
            "flow__slug",
        )
        for model, fields in ((FetchStep, STEP_FIELDS), (Branch, (*BRANCH_FIELDS, *BRANCH_LINKS)))
    )
    return {
        slug: flow | {"steps": steps[slug], "branches": branches[slug]}
        for slug, flow in _keyed(which.values("slug", *FLOW_FIELDS), "slug").items()
    }


NUMBER_FIELDS = ("label", "time_zone", "account__slug", "flow__slug", "default_queue__slug")


def _numbers(only: QuerySet[Number] | None) -> dict[str, Row]:
    """As `_filled` would, in half the time: there may be ten thousand of them, and all that they hold is text."""
    names = [field.removesuffix("__slug") for field in NUMBER_FIELDS]
    which = Number.objects.all() if only is None else only
    rows = which.values_list("channel", "address", *NUMBER_FIELDS)
    return {
        f"{channel}:{address}": {name: value for name, value in zip(names, values, strict=True) if value}
        for channel, address, *values in rows
    }
