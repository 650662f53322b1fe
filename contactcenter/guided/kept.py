"""What was typed so far: kept with the set-up, field by field, whether it can be used already or not."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from contactcenter.foundation.models import GuidedSetUp

LONGEST = 2_000
"""Characters of one answer that are kept; what is longer is no answer to any of these questions."""


def keep(set_up: GuidedSetUp, step: str, typed: QueryDict, names: Mapping[str, Any], by: Any, *, whole: bool) -> None:
    """Keep the fields `names` of what was typed in `step`. `whole`: everything in it can be used."""
    fields = {name: [value[:LONGEST] for value in typed.getlist(name)] for name in names if name in typed}
    set_up.answers[step] = {**set_up.answers.get(step, {}), "fields": fields, "by": by.pk, "whole": whole}
    set_up.save()


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
