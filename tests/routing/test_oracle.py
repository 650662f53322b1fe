"""Random flows, queues and callers: the evaluator answers what the oracle reads in the documentation."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from contactcenter.foundation.clock import FixedClock
from queues.state import compile_state
from routing import variables
from routing.branches import explain
from routing.contacts import Contact
from routing.evaluation import Evaluation, evaluate
from routing.fetching import Fetched
from routing.live import compile_sources
from routing.release import compile_release
from routing.variables import World
from tests.routing import live_folder, oracle
from tests.routing.documents import branch, condition, flow_of, good, queue

CALLER = "+390255501001"
DAYS = (datetime(2026, 12, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC))
MOMENTS = [day + timedelta(minutes=minute) for day in DAYS for minute in range(0, 3 * 24 * 60, 45)]
"""A holiday, and the days on which clocks are changed."""
WORDS = [
    "gold",
    "Gold",
    "STRASSE",
    "straße",
    "İstanbul",
    "i̇stanbul",
    "ısparta",
    "ذهبي",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "1",
    "go",
]
NUMBERS: list[Any] = [-1, 0, 1, 2.5, 10, 10**15, 1.0]
ASKED = ("call.context.a", "call.context.b", "customer.plan", "customer.purchases", "queue.vip.is_open", "time.window")
LABELS = ("vip", "priority", "standard", "night")
EXTENSION, NUMBER = "8500", "+390299990000"


def a_document(random: Random) -> Any:
    """Four queues, each with its own hours and ways when it is closed or full, and up to five branches."""
    document = good()
    flow_of(document)["steps"] = []
    document["phone_systems"]["cloud"] = document["phone_systems"]["pbx"] | {"name": "Cloud", "hosts": []}
    document["queues"] = {slug: a_queue(random, place) for place, slug in enumerate(LABELS)}
    flow_of(document)["branches"] = [
        branch(str(place), "", random.choice(LABELS), some_groups(random), priority_class=random.choice([None, 1, 5]))
        for place in range(random.randrange(6))
    ]
    return document


def a_queue(random: Random, place: int) -> dict[str, Any]:
    one = queue(LABELS[place], "8001", priority_class=random.randint(1, 5))
    one |= random.choice([{}, {"voice_kind": "phone", "voice_address": NUMBER}])
    one |= random.choice([{}, {"calendar": "office"}, {"max_waiting": 5}, {"closed_without_agents": False}])
    if LABELS[place + 1 :] and random.random() < 0.8:
        one["overflow_to"] = random.choice(LABELS[place + 1 :])
    for action, address in (("when_closed", "closed_address"), ("when_full", "full_address")):
        ways = ["overflow", "overflow", "reject", "announce", "voicemail"]
        one |= {action: random.choice(ways), address: random.choice([EXTENSION, NUMBER])}
    if one["voice_kind"] == "phone":
        one["phone_system"] = random.choice(["pbx", "cloud"])
    if random.random() < 0.1:
        del one["voice_address"]
    return one


def some_groups(random: Random) -> list[Any]:
    return [[a_condition(random) for _ in range(random.randint(1, 2))] for _ in range(random.randrange(4))]


def a_condition(random: Random) -> dict[str, Any]:
    variable = random.choice(ASKED)
    if variable == "time.window":
        begins, ends = (f"{random.randrange(24):02d}:30" for _ in range(2))
        days = random.sample(range(7), 4)
        return condition(variable, "within_window", {"days": days, "from": begins, "until": ends})
    if variable == "queue.vip.is_open":
        return condition(variable, random.choice(["is", "is_not"]), random.random() < 0.5)
    operator = random.choice([*SHAPES, "is_known", "is_unknown"])
    return condition(variable, operator, SHAPES[operator](random) if operator in SHAPES else None)


def word(random: Random) -> Any:
    return random.choice([*WORDS, *NUMBERS])


def several(random: Random) -> Any:
    return [word(random) for _ in range(random.randint(1, 3))]


SHAPES: dict[str, Callable[[Random], Any]] = {
    **dict.fromkeys(("is", "is_not"), word),
    **dict.fromkeys(("is_one_of", "is_none_of"), several),
    **dict.fromkeys(("starts_with", "contains"), lambda random: random.choice(WORDS)[:2]),
    **dict.fromkeys(("at_least", "at_most"), lambda random: random.choice(NUMBERS)),
    "between": lambda random: sorted(random.choice(NUMBERS) for _ in range(2)),
}


def a_state(random: Random, now: datetime) -> dict[str, Any]:
    """Statistics that may be too old, and switches that may be over."""
    state: dict[str, Any] = {}
    for slug in LABELS:
        as_of = now - timedelta(seconds=random.choice([0, 60, 61]))
        said = {"waiting": random.choice([0, 5]), "agents_logged_in": random.choice([0, 3, 3])}
        state |= random.choice([{}, {f"queue:{slug}": {"as_of": as_of.isoformat(), "statistics": said}}])
        until = (now + timedelta(seconds=random.choice([0, 1]))).isoformat()
        if random.random() < 0.3:
            kind = random.choice(["close_queue", "open_queue"])
            state[f"switch:{slug}"] = {"kind": kind, "subject": slug, "until": until}
    return state


def decided(random: Random, document: Any, state: Any, now: datetime) -> Evaluation:
    """A call of somebody of whom something is known, with something that an IVR collected."""
    known = {"plan": random.choice(WORDS), "purchases": random.choice([0, 1, 10])}
    facts = live_folder.person(7, **{name: known[name] for name in random.sample(sorted(known), random.randrange(3))})
    context = {
        name: random.choice([*WORDS, *NUMBERS, True, False]) for name in random.sample("ab", random.randrange(3))
    }
    release = compile_release(document, 1)
    world = World(release, compile_state(state), {f"phone:{CALLER}": facts}.get, compile_sources(release))
    contact = Contact("account", "call", "+390212345678", CALLER, context=context)
    clock = FixedClock(now)
    return evaluate(contact, world, clock, clock.monotonic() + 1, "0" * 32)


def expected(document: Any, state: Any, variables: Any, now: datetime) -> tuple[Any, ...]:
    """Branch, queue, what becomes of the call, why, and its priority class."""
    flow = flow_of(document)
    taken = oracle.branch_of(flow, variables) or {"slug": "last_path", "queue": flow["last_path"]}
    place = oracle.place(document, state, taken["queue"], now)
    rank = taken.get("priority_class") or document["queues"][taken["queue"]]["priority_class"]
    reason = "last_path" if taken["slug"] == "last_path" else "branch"
    return taken["slug"], place.queue, place.action, place.reason or reason, rank


@pytest.mark.parametrize("seed", range(0, 100, 50))
def test_random_calls_go_where_the_rules_say(seed: int) -> None:
    for random in map(Random, range(seed, seed + 50)):
        document = a_document(random)
        for now in random.choices(MOMENTS, k=3):
            state = a_state(random, now)
            evaluation = decided(random, document, state, now)
            answer, seen = evaluation.answer, evaluation.variables
            found = [answer[name] for name in ("branch", "queue", "action", "reason", "priority_class")]
            assert tuple(found) == expected(document, state, seen, now)
            is_open = oracle.is_taken_in(document, state, "vip", now)
            assert seen.get("queue.vip.is_open", is_open) is is_open


@pytest.mark.parametrize("seed", range(0, 100, 50))
def test_the_explanation_of_random_calls_says_of_each_condition_what_the_rules_say(seed: int) -> None:
    for random in map(Random, range(seed, seed + 50)):
        document = a_document(random)
        seen = decided(random, document, {}, MOMENTS[0]).variables
        flow = compile_release(document, 1).flows["priority-customers"]
        stored = {each["slug"]: each["conditions"] for each in flow_of(document)["branches"]}
        for verdict in explain(flow.branches, seen):
            said = [[oracle.holds(each, seen) for each in group] for group in stored[verdict.path.slug]]
            assert [[each.holds for each in group] for group in verdict.groups] == said


@pytest.mark.parametrize("said", ["Gold-1", "gold-1", "GOLD-1"])
def test_a_tier_that_a_source_names_is_the_tier_of_the_release(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = good()
    document["tiers"]["Gold-1"] = {"name": "Gold, first year", "rank": 7}
    document["sources"]["crm"]["variables"][1]["fills"] = "tier"
    answered = Fetched("ok", {"status_word": said})
    monkeypatch.setattr(variables, "run_steps", lambda steps, *_rest: [(step, answered) for step in steps])
    known = decided(Random(0), document, {}, MOMENTS[0]).variables
    assert (known["customer.tier"], known["customer.tier_rank"]) == ("Gold-1", 7)


@pytest.mark.parametrize("seed", range(0, 100, 50))
def test_no_random_call_ends_in_silence(seed: int) -> None:
    """Whatever is closed, full or without a host: there is something to dial, or a queue that turns callers away."""
    for random in map(Random, range(seed, seed + 50)):
        document = a_document(random)
        for one in document["queues"].values():
            one.setdefault("voice_address", "8001" if one["voice_kind"] == "sip" else NUMBER)
        answer = decided(random, document, a_state(random, MOMENTS[0]), MOMENTS[0]).answer
        assert answer["action"] == "reject" or {"sip_uri", "phone"} & answer.keys(), answer
