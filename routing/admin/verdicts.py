"""How branches were judged, in words: each condition, the value it saw, and by how much it missed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contactcenter.foundation.translating import listed
from routing import wording
from routing.branches import PathVerdict, Verdict

OriginOf = Callable[[str], str]
"""Where a variable came from, in words; "" where nothing is said of it."""


def judged(
    verdicts: Iterable[PathVerdict], entries: wording.Entries, origin_of: OriginOf = lambda _variable: ""
) -> list[dict[str, Any]]:
    """One row a branch, as verdicts.html writes it down; behind branches that all passed it on, everyone else."""
    rows: list[dict[str, Any]] = [
        {
            "label": verdict.path.label,
            "taken": verdict.taken,
            "groups": [[_condition(each, entries, origin_of) for each in group] for group in verdict.groups],
        }
        for verdict in verdicts
    ]
    if rows and not rows[-1]["taken"]:
        rows.append({"label": _("Everyone else"), "taken": True, "groups": []})
    return rows


def _condition(verdict: Verdict, entries: wording.Entries, origin_of: OriginOf) -> dict[str, Any]:
    condition = verdict.condition
    row: Mapping[str, Any] = {
        "variable": condition.variable,
        "operator": condition.operator,
        "value": condition.value,
    }
    seen = [wording.seen_in_words(condition.variable, verdict.seen, entries), _missed_by(verdict)]
    return {
        "condition": wording.condition_in_words(row, entries),
        "seen": listed(filter(None, seen)),
        "origin": origin_of(condition.variable),
        "holds": verdict.holds,
    }


def _missed_by(verdict: Verdict) -> str:
    """“3 too few”, where a number was compared and did not reach."""
    seen, wanted, operator = verdict.seen, verdict.condition.value, verdict.condition.operator
    if verdict.holds or isinstance(seen, bool) or not isinstance(seen, int | float):
        return ""
    low, high = {"at_least": (wanted, None), "at_most": (None, wanted)}.get(operator, (None, None))
    if operator == "between" and isinstance(wanted, list | tuple):
        low, high = wanted
    if isinstance(low, int | float) and seen < low:
        return _("%(by)s too few") % {"by": number_format(low - seen)}
    if isinstance(high, int | float) and seen > high:
        return _("%(by)s too many") % {"by": number_format(seen - high)}
    return ""
