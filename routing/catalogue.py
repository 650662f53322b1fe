"""The variables there are: what a branch can ask about, with type, words and known values.

The fixed part is pure (`FIXED`); `catalogue` adds what the draft defines: attributes, queues, steps.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.values import DATE, MONEY, NUMBER, TEXT, YES_NO
from routing.conditions import MOMENT, SENT_ALONG, ConditionError, parse

Words = str | Promise


@dataclass(frozen=True)
class Entry:
    """One variable: its name, value type, label, group in the menu, and its values where they are known."""

    name: str
    type: str
    label: Words
    group: Words
    choices: tuple[tuple[str, Words], ...] | None = None


_CALL, _TIME, _CUSTOMER = _("The contact"), _("Time"), _("The customer")
_SENT = _("Sent along by the provider")
_KINDS: Mapping[type, str] = {bool: YES_NO, int: NUMBER, float: NUMBER}

IDENTIFIED_BY = (
    ("customer_no", _("customer number")),
    ("caller", _("caller's number")),
    ("diverted_from", _("number the call was diverted from")),
)
STATUSES = (("ok", _("ok")), ("not_found", _("not found")), ("timeout", _("too slow")), ("error", _("error")))

FIXED: tuple[Entry, ...] = (
    Entry(
        "call.channel",
        TEXT,
        _("channel"),
        _CALL,
        (
            ("voice", _("voice call")),
            ("sms", _("SMS")),
            ("whatsapp", _("WhatsApp")),
            ("instagram", _("Instagram")),
            ("messenger", _("Messenger")),
        ),
    ),
    Entry("call.from", TEXT, _("caller's number"), _CALL),
    Entry("call.to", TEXT, _("number called"), _CALL),
    Entry("call.from_country", TEXT, _("caller's country (two letters)"), _CALL),
    Entry("call.waited_s", NUMBER, _("seconds waited before, on this call"), _CALL),
    Entry("call.previous_queue", TEXT, _("queue before, on this call"), _CALL),
    Entry("time.window", MOMENT, _("day and time"), _TIME),
    Entry("time.date", DATE, _("date"), _TIME),
    Entry("time.weekday", NUMBER, _("weekday"), _TIME, tuple((str(day), name) for day, name in WEEKDAYS.items())),
    Entry("time.now", TEXT, _("time of day (09:30)"), _TIME),
    Entry("customer.tier", TEXT, _("loyalty tier"), _CUSTOMER),
    Entry("customer.known", YES_NO, _("is a known customer"), _CUSTOMER),
    Entry("customer.identified_by", TEXT, _("recognised by"), _CUSTOMER, IDENTIFIED_BY),
    Entry("customer.tier_rank", NUMBER, _("rank of the tier"), _CUSTOMER),
    Entry("customer.purchases", NUMBER, _("purchases"), _CUSTOMER),
    Entry("customer.order_volume", MONEY, _("order volume (cents)"), _CUSTOMER),
    Entry("customer.lifetime_value", MONEY, _("lifetime value (cents)"), _CUSTOMER),
    Entry("customer.plan", TEXT, _("plan"), _CUSTOMER),
    Entry("customer.account_level", TEXT, _("account level"), _CUSTOMER),
    Entry("customer.category", TEXT, _("category"), _CUSTOMER),
    Entry("customer.account_manager", TEXT, _("account manager"), _CUSTOMER),
    Entry("customer.language", TEXT, _("language"), _CUSTOMER),
    Entry("customer.shared", NUMBER, _("customers who share the address"), _CUSTOMER),
)

QUEUE_VARIABLES = (
    ("is_open", YES_NO, _("is open")),
    ("waiting", NUMBER, _("callers waiting")),
    ("longest_wait_s", NUMBER, _("longest wait (seconds)")),
    ("estimated_wait_s", NUMBER, _("estimated wait (seconds)")),
    ("agents_idle", NUMBER, _("idle agents")),
)


def catalogue(document: Mapping[str, Any], flow: str | None = None) -> list[Entry]:
    """Every variable of `document` (the draft or a release), with the fetch steps of `flow`."""
    entries = [_with_tiers(entry, document) for entry in FIXED]
    for key, attribute in document["attributes"].items():
        entries.append(Entry(f"customer.{key}", attribute["type"], attribute["label"], _CUSTOMER))
    for slug, queue in document["queues"].items():
        group = _("Queue %(name)s") % {"name": queue["name"]}
        entries += [Entry(f"queue.{slug}.{name}", kind, label, group) for name, kind, label in QUEUE_VARIABLES]
    if flow in document["flows"]:
        for step in document["flows"][flow]["steps"]:
            entries += _of_step(step, document)
        entries += sent_along(dict(_asked_of_provider(document["flows"][flow]["branches"])))
    return entries


def sent_along(values: Mapping[str, Any], beside: Collection[str] = ()) -> list[Entry]:
    """What providers send along, such as what an IVR collected, each of the type of its value; not those `beside`."""
    return [
        Entry(name, _KINDS.get(type(values[name]), TEXT), name.removeprefix(SENT_ALONG), _SENT)
        for name in sorted(values)
        if name.startswith(SENT_ALONG) and name not in beside
    ]


def _asked_of_provider(branches: Any) -> Iterator[tuple[str, Any]]:
    """The variables of these branches with what they are compared with; unreadable branches have none."""
    for branch in branches:
        try:
            groups = parse(branch["conditions"])
        except ConditionError:
            continue
        for condition in (each for group in groups for each in group):
            value = condition.value
            yield condition.variable, value[0] if isinstance(value, list | tuple) and value else value


def types(document: Mapping[str, Any], flow: str | None = None) -> dict[str, str]:
    """Name to value type, for checking conditions."""
    return {entry.name: entry.type for entry in catalogue(document, flow)}


def _with_tiers(entry: Entry, document: Mapping[str, Any]) -> Entry:
    if entry.name != "customer.tier":
        return entry
    by_rank = sorted(document["tiers"].items(), key=lambda item: -item[1]["rank"])
    return Entry(
        entry.name, entry.type, entry.label, entry.group, tuple((slug, tier["name"]) for slug, tier in by_rank)
    )


def _of_step(step: Mapping[str, Any], document: Mapping[str, Any]) -> list[Entry]:
    source = document["sources"].get(step["source"], {"name": step["source"], "variables": []})
    group = _("Fetched: %(name)s") % {"name": source["name"]}
    entries = [Entry(f"{step['slug']}.status", TEXT, _("outcome of the question"), group, STATUSES)]
    for variable in source["variables"]:
        entries.append(Entry(f"{step['slug']}.{variable['name']}", variable["type"], variable["name"], group))
    return entries
