"""What was typed so far: kept with the set-up, field by field, whether it can be used already or not."""

from collections.abc import Mapping
from time import time_ns
from typing import Any

from django import forms
from django.http import QueryDict

from contactcenter.foundation.models import GuidedSetUp

LONGEST = 2_000
"""Characters of one answer that are kept; what is longer is no answer to any of these questions."""

LONGEST_TURN = 40


def keep(set_up: GuidedSetUp, step: str, typed: QueryDict, names: Mapping[str, Any], by: Any, *, whole: bool) -> None:
    """Keep the fields `names` of what was typed in `step`. `whole`: everything in it can be used."""
    fields = {name: [value[:LONGEST] for value in typed.getlist(name)] for name in names if name in typed}
    said = {"fields": fields, "by": by.pk, "whole": whole, "turn": typed.get("turn", "")[:LONGEST_TURN]}
    set_up.answers[step] = {**set_up.answers.get(step, {}), **said}
    set_up.save()


def turn() -> str:
    """Of a page that is drawn now: when, in milliseconds, and that it has sent nothing yet."""
    return f"{time_ns() // 1_000_000}.0"


def is_late(set_up: GuidedSetUp, step: str, typed: QueryDict) -> bool:
    """Whether something typed after this has arrived before it: requests may overtake each other."""
    return _place(typed.get("turn", "")) < _place(set_up.answers.get(step, {}).get("turn", ""))


def _place(turn: str) -> tuple[int, int]:
    drawn, _dot, sent = turn[:LONGEST_TURN].partition(".")
    return (int(drawn), int(sent)) if drawn.isdecimal() and sent.isdecimal() else (0, 0)


def typed(set_up: GuidedSetUp, step: str) -> QueryDict:
    """What was typed in `step`, as a browser would send it."""
    answers = QueryDict(mutable=True)
    for name, values in set_up.answers.get(step, {}).get("fields", {}).items():
        answers.setlist(name, values)
    return answers


def initial(form: forms.BaseForm, given: QueryDict) -> dict[str, Any]:
    """What was typed, for showing it again without judging it. Ticks that were taken away stay away."""
    return {
        name: field.widget.value_from_datadict(given, {}, name)
        for name, field in form.fields.items()
        if name in given or (given and getattr(field.widget, "allow_multiple_selected", False))
    }


def is_whole(set_up: GuidedSetUp, step: str) -> bool:
    return bool(set_up.answers.get(step, {}).get("whole"))


def author(set_up: GuidedSetUp, step: str) -> int | None:
    """The primary key of the person who answered `step`."""
    by: int | None = set_up.answers.get(step, {}).get("by")
    return by
