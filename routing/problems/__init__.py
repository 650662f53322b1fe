"""What is wrong with a document, before anybody is routed by it. Functions over the document alone."""

from collections.abc import Mapping
from typing import Any

from routing.problems import branches, calendars, notifications, numbers, queues, reaching, ringing, sources
from routing.problems.found import ERROR, WARNING, Problem
from routing.problems.reaching import Answering
from routing.problems.ringing import RingLimit

__all__ = ["ERROR", "WARNING", "Answering", "Problem", "RingLimit", "find"]


def find(
    document: Mapping[str, Any],
    disabled_accounts: Mapping[str, str] | None = None,
    silent_targets: Mapping[str, str] | None = None,
    ring_limits: Mapping[str, RingLimit] | None = None,
    answering: Mapping[str, Answering] | None = None,
) -> list[Problem]:
    """Every problem of `document`, errors first.

    `disabled_accounts` are the provider accounts that are switched off now, `silent_targets` the notification
    targets that cannot be told now (short name to name), `ring_limits` the provider accounts whose provider lets
    nothing ring for longer, `answering` how each provider account is answered; none of it is part of the document.
    """
    found = [
        *branches.find(document),
        *sources.find(document),
        *numbers.find(document, disabled_accounts or {}),
        *ringing.find(document, ring_limits or {}),
        *reaching.find(document, answering or {}),
        *queues.find(document),
        *calendars.find(document),
        *notifications.find(document, silent_targets or {}),
    ]
    return sorted(found, key=lambda problem: problem.severity != ERROR)
