"""The choice of a branch alone: our index and our walk beside zen-engine, a rule engine written in Rust."""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

import zen

from bench import contact_centre
from bench.client import WrongAnswer
from bench.figures import Figure
from contactcenter.foundation.values import Value
from routing.branches import choose
from routing.release import compile_release

SIZES = (10, 100, 1_000)
CALLERS = 1_000
FLOW = "main"

CELLS: dict[str, Callable[[Any], str]] = {
    "is": lambda value: f"'{value}'",
    "is_one_of": lambda values: ", ".join(f"'{value}'" for value in values),
    "at_least": lambda value: f">= {value}",
}
"""Our operators, those that the bench's branches use, as cells of a decision table."""

Ask = Callable[[dict[str, Any]], str]


def measure(rounds: int) -> list[Figure]:
    """How many choices the index makes while zen-engine makes one. All three choose the same branch for each caller."""
    return [_compare(branches, rounds) for branches in SIZES]


def _compare(branches: int, rounds: int) -> Figure:
    document = contact_centre.document(branches)
    flow = compile_release(document, 1).flows[FLOW]
    known = [_variables(customer, branches) for customer in range(CALLERS)]
    asked = {
        "index": (lambda values: flow.index.choose(values).path.slug, known),
        "walk": (lambda values: choose(flow.branches, flow.last_path, values).path.slug, known),
        "zen": (_zen(document["flows"][FLOW]), [_nested(each) for each in known]),
    }
    costs: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds + 1):
        answers = set()
        for name, (ask, callers) in asked.items():
            cost, slugs = _cost(ask, callers)
            costs[name].append(cost)
            answers.add(slugs)
        if len(answers) > 1:
            raise WrongAnswer("the engines do not agree")
    told = "  ".join(f"{name} {median(each[1:]) * 1e6:.1f} us" for name, each in costs.items())
    print(f"one choice among {branches:>5,} branches: {told}")
    ratios = [zens / ours for zens, ours in zip(costs["zen"][1:], costs["index"][1:], strict=True)]
    return Figure(f"index_vs_zen_{branches}", ratios, goal=5.0)  # the first round has warmed up


def _cost(ask: Ask, callers: Sequence[dict[str, Any]]) -> tuple[float, tuple[str, ...]]:
    began = perf_counter()
    slugs = tuple([ask(each) for each in callers])
    return (perf_counter() - began) / len(callers), slugs


def _variables(customer: int, branches: int) -> dict[str, Value]:
    """A customer whose segment is any of the branches', or one that no branch asks for."""
    facts = contact_centre.facts(customer) | {"category": f"segment-{customer * 7_919 % (branches + branches // 5)}"}
    return {f"customer.{name}": value for name, value in facts.items() if name != "attributes"}


def _nested(known: dict[str, Value]) -> dict[str, Any]:
    return {"customer": {name.partition(".")[2]: value for name, value in known.items()}}


def _zen(flow: dict[str, Any]) -> Ask:
    """The branches as a decision table whose first row that holds counts, loaded once: its fastest way of asking."""
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {FLOW: _graph(flow)}}})
    return lambda caller: str(engine.evaluate(FLOW, caller)["result"]["branch"])


def _graph(flow: dict[str, Any]) -> dict[str, Any]:
    groups = [(branch["slug"], group) for branch in flow["branches"] for group in branch["conditions"]]
    fields = sorted({condition["variable"] for _, group in groups for condition in group})
    rules = [{"_id": f"{place}", "branch": f"'{slug}'", **_cells(group)} for place, (slug, group) in enumerate(groups)]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "branch", "name": "branch", "field": "branch"}],
        "rules": [*rules, {"_id": "last", "branch": "'last_path'"}],
    }
    nodes: list[dict[str, Any]] = [
        {"id": "asked", "name": "asked", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
        {"id": "answer", "name": "answer", "type": "outputNode"},
    ]
    edges = [
        {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}
        for source, target in (("asked", "table"), ("table", "answer"))
    ]
    return {"nodes": [each | {"position": {"x": 0, "y": 0}} for each in nodes], "edges": edges}


def _cells(group: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {each["variable"]: CELLS[each["operator"]](each["value"]) for each in group}
