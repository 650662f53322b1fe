"""The rows of a form that was sent, put in another order."""

import re
from collections.abc import Mapping

from django.http import HttpRequest, QueryDict


def as_new_rows(request: HttpRequest, gone: Mapping[str, set[str]]) -> None:
    """Rows that are stored no more, by their form's prefix, become rows to be added: what was typed is not lost."""
    sent = request.POST.copy()
    for prefix, keys in gone.items():
        for each in {name.removesuffix("-INITIAL_FORMS") for name in sent if name.endswith("-INITIAL_FORMS")}:
            if re.fullmatch(re.escape(prefix) + r"(-\d+)?", each):
                _renew(sent, each, keys)
    request.POST = sent  # type: ignore[assignment]  # from here on nobody alters it any more


def _renew(sent: QueryDict, prefix: str, keys: set[str]) -> None:
    """Known rows first, as a formset counts them; those with one of `keys` lose it and come behind."""
    initial, total = (int(sent.get(f"{prefix}-{name}_FORMS", "0") or 0) for name in ("INITIAL", "TOTAL"))
    rows = [_row(sent, f"{prefix}-{index}-") for index in range(total)]
    lost = [row for row in rows[:initial] if row.get("id", [""])[0] in keys]
    kept = [row for row in rows[:initial] if row not in lost]
    for row in lost:
        row["id"] = [""]
    for index, row in enumerate([*kept, *lost, *rows[initial:]]):
        for name, values in row.items():
            sent.setlist(f"{prefix}-{index}-{name}", values)
    sent[f"{prefix}-INITIAL_FORMS"] = str(initial - len(lost))


def _row(sent: QueryDict, start: str) -> dict[str, list[str]]:
    """One row's values, taken out of what was sent."""
    return {name.removeprefix(start): sent.pop(name) for name in list(sent) if name.startswith(start)}
