"""Which thing of a document needs which other one. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

Thing = tuple[str, str]
"""Part and key: ("queues", "vip"); the emergency queue, of which there is one, has the key ""."""

EMERGENCY = "emergency_queue"

POINTS_TO = {
    "calendar": "calendars",
    "default_queue": "queues",
    EMERGENCY: "queues",
    "flow": "flows",
    "help_desk": "help_desks",
    "last_path": "queues",
    "notify": "notification_targets",
    "overflow_to": "queues",
    "phone_system": "phone_systems",
    "queue": "queues",
    "source": "sources",
}
"""Fields that hold the short name of something in this part of the document."""


def references(document: Mapping[str, Any]) -> Iterator[tuple[Thing, Thing]]:
    """Each thing with each other one that it names; what conditions name may exist nowhere."""
    for part, rows in document.items():
        if isinstance(rows, Mapping):
            for key, row in rows.items():
                for other in _of_row(row):
                    yield (part, key), other
    if slug := document.get(EMERGENCY):
        yield (EMERGENCY, ""), ("queues", slug)


def _of_row(row: Mapping[str, Any]) -> Iterator[Thing]:
    """What a row names, and the rows in it: branches, fetch steps."""
    for field, value in row.items():
        if field == "conditions":
            yield from _of_conditions(value)
        elif field in POINTS_TO and isinstance(value, str):
            yield POINTS_TO[field], value
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, Mapping):
                    yield from _of_row(each)


def _of_conditions(groups: Any) -> Iterator[Thing]:
    """Queues, attributes and tiers that are asked about; whoever wrote nonsense is told elsewhere."""
    rows = (row for group in groups if isinstance(group, list) for row in group) if isinstance(groups, list) else ()
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        whose, _dot, name = str(row.get("variable", "")).partition(".")
        if whose == "queue":
            yield "queues", name.partition(".")[0]
        elif whose == "customer":
            yield "attributes", name
            yield from (("tiers", slug) for slug in _texts(row.get("value")) if name == "tier")


def _texts(value: Any) -> Iterator[str]:
    listed = value if isinstance(value, list) else [value]
    return (each for each in listed if isinstance(each, str))
