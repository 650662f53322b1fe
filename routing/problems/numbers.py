"""Problems of numbers: what happens to the people who dial them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from routing.conditions import ConditionError, parse
from routing.problems.found import Document, Problem, branch_name, error, name_of, warning
from routing.problems.queues import is_reached_by_voice

VOICE, CHANNEL = "voice", "call.channel"


def find(document: Document, disabled_accounts: Mapping[str, str]) -> Iterator[Problem]:
    """Numbers that lead nowhere, and flows that nobody enters.

    `disabled_accounts` are the provider accounts that refuse everything now: short name to name.
    """
    for key, number in document["numbers"].items():
        if "flow" not in number:
            message = _("Number “%(number)s” has no flow.")
            yield error(("numbers", key, "flow"), message % {"number": number["label"]})
        if number["account"] in disabled_accounts:
            message = _("Number “%(number)s” is not answered: its provider account “%(account)s” is switched off.")
            words = {"number": number["label"], "account": disabled_accounts[number["account"]]}
            yield warning(("numbers", key, "account"), message % words)
    yield from _idle_flows(document)
    yield from _dead_ends(document)


def _idle_flows(document: Document) -> Iterator[Problem]:
    used = {number.get("flow") for number in document["numbers"].values()}
    for slug, flow in document["flows"].items():
        if slug not in used:
            yield warning(("flows", slug), _("Flow “%(flow)s” has no number.") % {"flow": flow["name"]})


def _dead_ends(document: Document) -> Iterator[Problem]:
    """Queues that contacts of a channel can reach although the queue has no target for it: each once."""
    told: set[tuple[str, bool]] = set()
    for channel, number in alike(document):
        is_call = channel == VOICE
        for queue, way in reached(document, number, channel):
            if _takes(document["queues"][queue], is_call) or (queue, is_call) in told:
                continue
            told.add((queue, is_call))
            yield _dead_end(document, queue, is_call, {"number": number["label"], "way": way})


def _takes(queue: Mapping[str, Any], is_call: bool) -> bool:
    return is_reached_by_voice(queue) if is_call else "help_desk" in queue and "team" in queue


def _dead_end(document: Document, queue: str, is_call: bool, words: dict[str, str]) -> Problem:
    words["queue"] = name_of(document, "queues", queue)
    if is_call:
        message = _(
            "Queue “%(queue)s” cannot be reached by phone, but callers of “%(number)s” can be sent there (%(way)s)."
        )
    else:
        message = _(
            "Queue “%(queue)s” has no help desk team, but messages to “%(number)s” can be sent there (%(way)s)."
        )
    return error(("queues", queue, "voice_address" if is_call else "team"), message % words)


def alike(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(channel, number): the first of all numbers from which the same ways lead on. Ten thousand may share a flow."""
    numbers = document["numbers"]
    first: dict[tuple[str, ...], str] = {}
    for key, number in numbers.items():
        ways = (key.partition(":")[0], number["account"], number.get("flow", ""), number["default_queue"])
        if key < first.setdefault(ways, key):
            first[ways] = key
    return ((key.partition(":")[0], numbers[key]) for key in sorted(first.values()))


def reached(document: Document, number: Mapping[str, Any], channel: str) -> Iterator[tuple[str, str]]:
    """Every queue that a contact on this number can end in, and the way there in words."""
    for queue, way in _ends(document, number, channel):
        yield queue, way
        seen = {queue}
        while (behind := document["queues"][queue].get("overflow_to")) and behind not in seen:
            seen.add(behind)
            yield behind, _("overflow of %(queue)s") % {"queue": name_of(document, "queues", queue)}
            queue = behind


def _ends(document: Document, number: Mapping[str, Any], channel: str) -> Iterator[tuple[str, str]]:
    if "flow" in number:
        flow = document["flows"][number["flow"]]
        for position, branch in enumerate(flow["branches"]):
            if _open_to(channel, branch["conditions"]):
                yield branch["queue"], branch_name(flow, position)
        yield flow["last_path"], _("everyone else in flow “%(flow)s”") % {"flow": flow["name"]}
    yield number["default_queue"], _("default queue of the number")


def _open_to(channel: str, conditions: Any) -> bool:
    """Whether a contact on `channel` can take a branch with these conditions."""
    try:
        groups = parse(conditions)
    except ConditionError:
        return False  # told elsewhere; nobody takes it
    return not groups or any(
        all(condition.holds({CHANNEL: channel}) for condition in group if condition.variable == CHANNEL)
        for group in groups
    )
