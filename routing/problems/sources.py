"""Problems of fetch steps: what they ask with, and in which order they can be asked."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.translating import listed
from routing.catalogue import FIXED
from routing.conditions import SENT_ALONG
from routing.problems.found import Document, Path, Problem, error, name_of

PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w-]*(?:\.[\w-]+)+)\}")
"""`{call.from}` or `{crm.id}` in an address or a body."""

GIVEN = ("call.", "time.", "customer.", "queue.")


def find(document: Document) -> Iterator[Problem]:
    """Everything that is wrong with the fetch steps of every flow."""
    for slug, flow in document["flows"].items():
        for position, step in enumerate(flow["steps"]):
            if f"{step['slug']}." in GIVEN:
                message = _("Fetch step “%(step)s” of flow “%(flow)s” needs another name: this one is taken.")
                yield error(("flows", slug, "steps", position), message % {"step": step["slug"], "flow": flow["name"]})
            yield from _placeholders(document, slug, position, step)
        yield from _circles(document, slug)


def placeholders(source: Mapping[str, Any]) -> list[str]:
    """The variables that a source's address and body are filled with."""
    return sorted(set(PLACEHOLDER.findall(source["url"] + source.get("body", ""))))


def _placeholders(document: Document, flow: str, position: int, step: Mapping[str, Any]) -> Iterator[Problem]:
    known = _known(document, flow)
    source = document["sources"][step["source"]]
    for variable in placeholders(source):
        if variable in known or variable.startswith(SENT_ALONG):
            continue
        path: Path = ("flows", flow, "steps", position)
        words = {
            "step": step["slug"],
            "flow": name_of(document, "flows", flow),
            "source": source["name"],
            "variable": variable,
        }
        if variable.startswith(GIVEN) or variable.partition(".")[0] in _answers(document, flow):
            message = _(
                "Fetch step “%(step)s” of flow “%(flow)s” asks “%(source)s” with “%(variable)s”, which nobody defines."
            )
        else:
            message = _(
                "Fetch step “%(step)s” of flow “%(flow)s” needs “%(variable)s” of a fetch step that does not exist."
            )
        yield error(path, message % words)


def _known(document: Document, flow: str) -> set[str]:
    of_customers = {f"customer.{key}" for key in document["attributes"]}
    of_steps = {f"{step}.{name}" for step, names in _answers(document, flow).items() for name in names}
    return {entry.name for entry in FIXED} | of_customers | of_steps


def _answers(document: Document, flow: str) -> dict[str, set[str]]:
    """The names that each fetch step of the flow supplies."""
    return {
        step["slug"]: {"status", *(variable["name"] for variable in document["sources"][step["source"]]["variables"])}
        for step in document["flows"][flow]["steps"]
    }


def _circles(document: Document, flow: str) -> Iterator[Problem]:
    """Steps that wait for each other, each circle once, told from the step that comes first."""
    steps = document["flows"][flow]["steps"]
    needs = {step["slug"]: _needed(document, step) & {each["slug"] for each in steps} for step in steps}
    told: set[str] = set()
    for position, step in enumerate(steps):
        circle = _circle_from(step["slug"], needs)
        if circle and not told & set(circle):
            told |= set(circle)
            yield error(
                ("flows", flow, "steps", position), _waiting([*circle, circle[0]], name_of(document, "flows", flow))
            )


def _needed(document: Document, step: Mapping[str, Any]) -> set[str]:
    return {variable.partition(".")[0] for variable in placeholders(document["sources"][step["source"]])}


def _circle_from(start: str, needs: Mapping[str, set[str]]) -> list[str]:
    """The shortest way from a step back to itself, or nothing."""
    ways, seen = [[start]], set[str]()
    while ways:
        way = ways.pop(0)
        for step in sorted(needs[way[-1]]):
            if step == start:
                return way
            if step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return []


def _waiting(names: list[str], flow: str) -> str:
    if len(names) == 2:
        return _("Fetch step “%(step)s” of flow “%(flow)s” waits for itself.") % {"step": names[0], "flow": flow}
    first = _("fetch step “%(step)s” waits for “%(next)s”") % {"step": names[0], "next": names[1]}
    rest = [_("which waits for “%(next)s”") % {"next": name} for name in names[2:]]
    return _("Flow “%(flow)s”: %(chain)s.") % {"flow": flow, "chain": listed([first, *rest])}
