"""Conditions in the words of whoever set them up: loyalty tier is one of Gold, Platinum."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from contactcenter.foundation.translating import all_of, any_of, listed, named
from contactcenter.foundation.values import Value
from routing.catalogue import Entry, catalogue
from routing.conditions import OPERATORS

Entries = Mapping[str, Entry]

NAMED_BY_THEMSELVES = ("call.", "time.", "customer.")
"""Variables whose label is clear without what they belong to."""


def entries_of(document: Mapping[str, Any], flow: str | None = None) -> dict[str, Entry]:
    """The catalogue of variables by name."""
    return {entry.name: entry for entry in catalogue(document, flow)}


def in_words(conditions: Any, entries: Entries) -> str:
    """Conditions (as stored) as one phrase; "everybody" when there are none."""
    if not conditions:
        return _("everybody")
    return any_of(all_of(condition_in_words(row, entries) for row in group) for group in conditions)


def condition_in_words(row: Mapping[str, Any], entries: Entries) -> str:
    """One condition (as stored) as a phrase."""
    name, operator = str(row.get("variable", "")), str(row.get("operator", ""))
    if isinstance(row.get("value"), bool):
        return named(variable_in_words(name, entries), _yes_or_no(row["value"] == (operator == "is")))
    words = {
        "variable": variable_in_words(name, entries),
        "comparison": _(OPERATORS[operator].label) if operator in OPERATORS else operator,
    }
    if row.get("value") is None:
        return _("%(variable)s %(comparison)s") % words
    words["value"] = _value_in_words(row["value"], entries.get(name), all_of if operator == "between" else listed)
    return _("%(variable)s %(comparison)s %(value)s") % words


def variable_in_words(name: str, entries: Entries) -> str:
    """“loyalty tier”, “Queue VIP: callers waiting”; the bare name for one that nobody knows."""
    entry = entries.get(name)
    if entry is None:
        return name
    return str(entry.label) if name.startswith(NAMED_BY_THEMSELVES) else named(entry.group, entry.label)


def seen_in_words(name: str, seen: Value | None, entries: Entries) -> str:
    """What a condition saw: “loyalty tier is Gold”, “purchases is not known”."""
    variable = variable_in_words(name, entries)
    if seen is None:
        return _("%(variable)s is not known") % {"variable": variable}
    if isinstance(seen, bool):
        return named(variable, _yes_or_no(seen))
    return _("%(variable)s is %(value)s") % {"variable": variable, "value": _value_in_words(seen, entries.get(name))}


def _value_in_words(value: Any, entry: Entry | None, together: Callable[[Iterable[str]], str] = listed) -> str:
    if isinstance(value, Mapping):
        days = listed(WEEKDAYS_ABBR.get(day, day) for day in value.get("days", ()))
        return f"{days} {value.get('from')}-{value.get('until')}"
    if isinstance(value, list):
        return together(_value_in_words(each, entry) for each in value)
    choices = dict(entry.choices or ()) if entry else {}
    return str(choices.get(value, choices.get(str(value), value)))


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")
