"""Drafts that must not go live, each with the words that say why."""

from dataclasses import dataclass
from typing import Any

from tests.routing.documents import (
    Document,
    branch,
    changed,
    condition,
    flow_of,
    is_one_of,
    queue,
    source,
    with_branches,
    with_conditions,
    with_sources,
)

FIRST = "Branch 1 “Gold or platinum” of flow “Priority customers”"
FLOW = ("flows", "priority-customers")
BRANCHES = (*FLOW, "branches")


@dataclass(frozen=True)
class Bad:
    """A draft with one error: what it is about, where it stands, and what is said."""

    about: str
    document: Document
    path: tuple[Any, ...]
    message: str


def _tier(operator: str, value: Any = None) -> dict[str, Any]:
    return condition("customer.tier", operator, value)


def _purchases(operator: str, value: Any = None) -> dict[str, Any]:
    return condition("customer.purchases", operator, value)


def _first(group: int, row: int) -> tuple[Any, ...]:
    return (*BRANCHES, 0, "conditions", group, row)


def _window(days: list[int], begins: str, ends: str) -> dict[str, Any]:
    return condition("time.window", "within_window", {"days": days, "from": begins, "until": ends})


def _of_queue(slug: str, **fields: Any) -> Document:
    return changed(lambda document: document["queues"][slug].update(fields))


def _without(part: str, key: str, field: str) -> Document:
    return changed(lambda document: document[part][key].pop(field))


MESSAGES_ONLY = {key: value for key, value in queue("", "").items() if not key.startswith("voice_a")} | {"team": "Chat"}

NEVER_REACHED = (
    Bad(
        "a branch behind one that takes everyone",
        with_branches(
            branch("everybody", "Everybody", "standard", []),
            branch("gold", "Gold", "vip", is_one_of("gold")),
        ),
        (*BRANCHES, 1),
        "Branch 2 “Gold” never gets a caller: branch 1 “Everybody” takes everyone.",
    ),
    Bad(
        "two branches that take everyone",
        with_branches(branch("all", "All", "vip", []), branch("everybody", "Everybody", "standard", [])),
        (*BRANCHES, 1),
        "Branch 2 “Everybody” never gets a caller: branch 1 “All” takes everyone.",
    ),
    Bad(
        "a branch behind a wider list of tiers",
        with_branches(
            branch("wide", "Gold or silver", "vip", is_one_of("gold", "silver")),
            branch("gold", "Gold", "standard", is_one_of("gold")),
        ),
        (*BRANCHES, 1),
        "Branch 2 “Gold” never gets a caller: branch 1 “Gold or silver” takes all of them.",
    ),
    Bad(
        "a branch with more conditions than an earlier one",
        with_branches(
            branch("gold", "Gold", "vip", [[_tier("is", "gold")]]),
            branch("buyers", "Gold buyers", "vip", [[_purchases("at_least", 10), _tier("is", "gold")]]),
        ),
        (*BRANCHES, 1),
        "Branch 2 “Gold buyers” never gets a caller: branch 1 “Gold” takes all of them.",
    ),
    Bad(
        "a higher bound behind a lower one",
        with_branches(
            branch("ten", "Ten", "vip", [[_purchases("at_least", 10)]]),
            branch("fifty", "Fifty", "vip", [[_purchases("between", [50, 90])]]),
        ),
        (*BRANCHES, 1),
        "Branch 2 “Fifty” never gets a caller: branch 1 “Ten” takes all of them.",
    ),
    Bad(
        "a branch that two earlier ones share out among them",
        with_branches(
            branch("gold", "Gold", "vip", is_one_of("gold")),
            branch("silver", "Silver", "priority", is_one_of("silver")),
            branch("either", "Either", "standard", [[_tier("is", "gold")], [_tier("is", "silver")]]),
        ),
        (*BRANCHES, 2),
        "Branch 3 “Either” never gets a caller: the branches before it take all of them.",
    ),
)

CONTRADICTIONS = (
    Bad(
        "gold and silver at once",
        with_conditions([_tier("is", "gold"), _tier("is", "silver")]),
        (*BRANCHES, 0, "conditions", 0),
        f"{FIRST}: “loyalty tier is Gold” and “loyalty tier is Silver” are never true together.",
    ),
    Bad(
        "at least ten and at most five",
        with_conditions([_tier("is", "gold")], [_purchases("at_least", 10), _purchases("at_most", 5)]),
        (*BRANCHES, 0, "conditions", 1),
        f"{FIRST}: “purchases is at least 10” and “purchases is at most 5” are never true together.",
    ),
    Bad(
        "unknown and gold",
        with_conditions([_tier("is", "gold"), _tier("is_unknown")]),
        (*BRANCHES, 0, "conditions", 0),
        f"{FIRST}: “loyalty tier is Gold” and “loyalty tier is unknown” are never true together.",
    ),
    Bad(
        "windows without a common minute",
        with_conditions([_window([0], "09:00", "12:00"), _window([0, 1], "12:00", "13:00")]),
        (*BRANCHES, 0, "conditions", 0),
        f"{FIRST}: “day and time is within Mon 09:00-12:00” and "
        "“day and time is within Mon, Tue 12:00-13:00” are never true together.",
    ),
)

CONDITIONS = (
    Bad(
        "a window without a day",
        with_conditions([_window([], "09:00", "12:00")]),
        (*BRANCHES, 0, "conditions"),
        f"{FIRST}: Group 1, row 1: choose at least one day.",
    ),
    Bad(
        "a variable that nobody defines",
        with_conditions([condition("customer.shoe_size", "is", "44")]),
        _first(0, 0),
        f"{FIRST}: nobody defines the variable “customer.shoe_size”.",
    ),
    Bad(
        "a variable of a fetch step that the flow has not",
        with_conditions([condition("orders.count", "at_least", 1)]),
        _first(0, 0),
        f"{FIRST}: nobody defines the variable “orders.count”.",
    ),
    Bad(
        "an operator that does not suit the variable",
        with_conditions([_tier("is", "gold"), _purchases("starts_with", "1")]),
        _first(0, 1),
        f"{FIRST}: “starts with” does not suit “purchases”.",
    ),
    Bad(
        "a tier that does not exist",
        with_conditions([_tier("is_one_of", ["gold", "diamond"])]),
        _first(0, 0),
        f"{FIRST}: “loyalty tier” is never “diamond”: there is no such value.",
    ),
    Bad(
        "a weekday that does not exist",
        with_conditions([condition("time.weekday", "is", 7)]),
        _first(0, 0),
        f"{FIRST}: “weekday” is never “7”: there is no such value.",
    ),
    Bad(
        "a day that is not written as days are",
        with_conditions([condition("time.date", "is", "20261225")]),
        _first(0, 0),
        f"{FIRST}: “20261225” is no value of “date”: another kind of value is expected.",
    ),
    Bad(
        "words where a number is expected",
        with_conditions([_purchases("at_least", "many")]),
        _first(0, 0),
        f"{FIRST}: “many” is no value of “purchases”: another kind of value is expected.",
    ),
)

QUEUES = (
    Bad(
        "two queues that overflow to each other",
        _of_queue("priority", overflow_to="vip"),
        ("queues", "priority", "overflow_to"),
        "Priority overflows to VIP, which overflows to Priority.",
    ),
    Bad(
        "three queues that overflow in a circle",
        _of_queue("standard", overflow_to="vip"),
        ("queues", "priority", "overflow_to"),
        "Priority overflows to Standard, which overflows to VIP, which overflows to Priority.",
    ),
    Bad(
        "no emergency queue",
        changed(lambda document: document.pop("emergency_queue")),
        ("emergency_queue",),
        "No queue is the emergency queue, which takes callers when all else fails.",
    ),
    Bad(
        "an emergency queue for messages only",
        changed(
            lambda document: document.update(
                emergency_queue="chat",
                queues=document["queues"] | {"chat": MESSAGES_ONLY | {"name": "Chat"}},
            )
        ),
        ("queues", "chat", "voice_address"),
        "The emergency queue “Chat” cannot be reached by phone.",
    ),
    Bad(
        "a phone system without host",
        changed(lambda document: document["phone_systems"]["pbx"].update(hosts=[])),
        ("phone_systems", "pbx", "hosts"),
        "The phone system “Head office” has no SIP host, but these queues are extensions of it: "
        "Priority, Standard, VIP.",
    ),
    Bad(
        "a host that is no SIP address",
        changed(lambda document: document["phone_systems"]["pbx"].update(hosts=["pbx example net"])),
        ("phone_systems", "pbx", "hosts"),
        "The phone system “Head office” has a host that is no SIP address: “pbx example net”.",
    ),
    Bad(
        "an extension with a host in it",
        _of_queue("vip", voice_address="8001@pbx"),
        ("queues", "vip", "voice_address"),
        "Queue “VIP” has an address that callers cannot be sent to: “8001@pbx”. "
        "An extension such as 8001, without host.",
    ),
    Bad(
        "an extension without phone system",
        changed(
            lambda document: document["queues"].update(
                spare={key: value for key, value in queue("Spare", "8009").items() if key != "phone_system"}
            )
        ),
        ("queues", "spare", "phone_system"),
        "Queue “Spare” has the extension 8009, but no phone system.",
    ),
    Bad(
        "a closed queue without the extension of its announcement",
        _of_queue("priority", when_closed="announce"),
        ("queues", "priority", "closed_address"),
        "Queue “Priority” has no extension that answers when it is closed.",
    ),
    Bad(
        "a closed queue whose mailbox lies on a phone system without hosts",
        changed(
            lambda document: (
                document["phone_systems"].update(cloud=document["phone_systems"]["pbx"] | {"name": "C", "hosts": []}),
                document["queues"]["priority"].update(
                    phone_system="cloud",
                    voice_kind="phone",
                    voice_address="+390299990000",
                    when_closed="voicemail",
                    closed_address="8500",
                ),
            )
        ),
        ("queues", "priority", "closed_address"),
        "Queue “Priority” has no extension that answers when it is closed.",
    ),
    Bad(
        "a full queue without the extension of its announcement",
        _of_queue("priority", when_full="announce"),
        ("queues", "priority", "full_address"),
        "Queue “Priority” has no extension that answers when it is full.",
    ),
    Bad(
        "a calendar that never opens",
        changed(lambda document: document["calendars"]["office"].update(hours=[])),
        ("calendars", "office", "hours"),
        "The calendar “Office hours” never opens: it has no opening hours.",
    ),
)

NUMBERS = (
    Bad(
        "a number without flow",
        _without("numbers", "voice:+390212345678", "flow"),
        ("numbers", "voice:+390212345678", "flow"),
        "Number “Hotline” has no flow.",
    ),
    Bad(
        "a caller can reach a queue without voice address by a branch",
        _without("queues", "vip", "voice_address"),
        ("queues", "vip", "voice_address"),
        "Queue “VIP” cannot be reached by phone, but callers of “Hotline” can be sent there "
        "(Branch 1 “Gold or platinum”).",
    ),
    Bad(
        "a message can reach a queue without team by overflow",
        changed(
            lambda document: (
                document["queues"]["priority"].pop("team"),
                flow_of(document)["branches"].pop(1),
            )
        ),
        ("queues", "priority", "team"),
        "Queue “Priority” has no help desk team, but messages to “WhatsApp” can be sent there (overflow of VIP).",
    ),
    Bad(
        "a message can reach a queue without team by the last path",
        _without("queues", "standard", "help_desk"),
        ("queues", "standard", "team"),
        "Queue “Standard” has no help desk team, but messages to “WhatsApp” can be sent there (overflow of Priority).",
    ),
)

STEPS = (
    Bad(
        "fetch steps that wait for each other",
        with_sources(
            crm=source("CRM", "https://crm.example.com/{orders.id}", "id"),
            orders=source("Orders", "https://orders.example.com/{crm.id}", "id"),
        ),
        (*FLOW, "steps", 0),
        "Flow “Priority customers”: fetch step “crm” waits for “orders”, which waits for “crm”.",
    ),
    Bad(
        "a fetch step that waits for itself",
        with_sources(crm=source("CRM", "https://crm.example.com/{crm.id}", "id")),
        (*FLOW, "steps", 0),
        "Fetch step “crm” of flow “Priority customers” waits for itself.",
    ),
    Bad(
        "a fetch step that needs one that is not there",
        with_sources(crm=source("CRM", "https://crm.example.com/", "id", method="POST", body='{"o": "{orders.id}"}')),
        (*FLOW, "steps", 0),
        "Fetch step “crm” of flow “Priority customers” needs “orders.id” of a fetch step that does not exist.",
    ),
    Bad(
        "a fetch step that asks with a variable that nobody defines",
        with_sources(crm=source("CRM", "https://crm.example.com/{call.colour}", "id")),
        (*FLOW, "steps", 0),
        "Fetch step “crm” of flow “Priority customers” asks “CRM” with “call.colour”, which nobody defines.",
    ),
    Bad(
        "a fetch step named like the customer",
        changed(lambda document: flow_of(document)["steps"][0].update(slug="customer")),
        (*FLOW, "steps", 0),
        "Fetch step “customer” of flow “Priority customers” needs another name: this one is taken.",
    ),
)

BAD = (*NEVER_REACHED, *CONTRADICTIONS, *CONDITIONS, *QUEUES, *NUMBERS, *STEPS)
