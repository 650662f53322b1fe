"""What is wrong with a document, before anybody is routed by it. Functions over the document alone."""

from collections.abc import Mapping
from typing import Any

from routing.problems import branches, calendars, numbers, queues, sources
from routing.problems.found import ERROR, WARNING, Problem

__all__ = ["ERROR", "WARNING", "Problem", "find"]


def find(document: Mapping[str, Any], disabled_accounts: Mapping[str, str] | None = None) -> list[Problem]:
    """Every problem of `document`, errors first.

    `disabled_accounts` are the provider accounts that are switched off now (short name to name); they are
    no part of the document.
    """
    found = [
        *branches.find(document),
        *sources.find(document),
        *numbers.find(document, disabled_accounts or {}),
        *queues.find(document),
        *calendars.find(document),
    ]
    return sorted(found, key=lambda problem: problem.severity != ERROR)
