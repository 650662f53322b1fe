"""The form field of a branch's conditions: rows to choose from with JavaScript, lines of text without."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.translating import said
from routing.admin.condition_words import from_words, to_words, typed
from routing.catalogue import Entry
from routing.conditions import OPERATORS, ConditionError, check, parse

PAGE_DATA_ID = "conditions-catalogue"
"""The id of the element of the page that holds what `page_data` gives; static/portal/conditions.js reads it."""


def page_data(entries: Sequence[Entry], known: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, Any]:
    """Everything the rows of a page can be made of. `known` are values to suggest where others are possible too."""
    return {
        "entries": [
            {
                "name": entry.name,
                "type": entry.type,
                "label": str(entry.label),
                "group": str(entry.group),
                "choices": [[value, str(label)] for value, label in entry.choices] if entry.choices else None,
                "known": list(known.get(entry.name, ())),
            }
            for entry in entries
        ],
        "operators": [
            {
                "slug": slug,
                "label": gettext(operator.label),
                "types": sorted(operator.types),
                "operand": operator.operand,
            }
            for slug, operator in OPERATORS.items()
        ],
        "words": {key: str(text) for key, text in WORDS.items()},
        "days": [str(day) for day in WEEKDAYS],
    }


WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
WORDS = {
    "variable": _("variable"),
    "operator": _("comparison"),
    "value": _("value"),
    "values": _("values"),
    "several": _("several, with commas between them"),
    "lowest": _("lowest"),
    "highest": _("highest"),
    "from": _("from"),
    "until": _("until"),
    "yes": _("yes"),
    "no": _("no"),
    "and": _("and"),
    "or": _("or"),
    "choose": _("Choose…"),
    "everybody": _("Everybody takes this branch."),
    "first": _("Add a condition"),
    "add_row": _("And another condition"),
    "add_group": _("Or another group"),
    "remove": _("Remove"),
    "group": _("Group"),
    "condition": _("Condition"),
}


class ConditionsWidget(forms.Textarea):
    """Lines of text; static/portal/conditions.js puts rows in their place and writes JSON back."""

    class Media:
        js = ("portal/conditions.js",)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "conditions-text", "rows": 3, "cols": 60, "spellcheck": "false", **(attrs or {})})

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """As Django draws it, in a tenth of the time: each row of a page has its own."""
        given = self.build_attrs(self.attrs, attrs)
        if isinstance(value, list):
            given["data-groups"] = json.dumps(value)
        return format_html('<textarea name="{}"{}>\n{}</textarea>', name, flatatt(given), self.format_value(value))

    def format_value(self, value: Any) -> str:
        return to_words(value) if isinstance(value, list) else str(value or "")


class ConditionsField(forms.Field):
    """Conditions of the variables in `entries`, from JSON or from lines; each mistake is named with its row."""

    widget = ConditionsWidget
    entries: Sequence[Entry] = ()

    @property
    def types(self) -> dict[str, str]:
        return {entry.name: entry.type for entry in self.entries}

    def prepare_value(self, value: Any) -> Any:
        """Groups of rows wherever they can be told, so that a refused form comes back as it was sent."""
        try:
            groups = _read(value)
        except ConditionError:
            return value
        return groups if _are_rows(groups) else value

    def to_python(self, value: Any) -> list[Any]:
        try:
            groups = typed(_read(value), self.types)
            problems = check(parse(groups), self.types)
        except ConditionError as error:
            raise ValidationError(said(error)) from error
        if problems:
            raise ValidationError(
                [
                    ValidationError(
                        _("Group %(group)s, row %(row)s: %(message)s"),
                        params={"group": problem.group, "row": problem.row, "message": said(problem.message)},
                    )
                    for problem in problems
                ]
            )
        return list(groups)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(typed(_read(data), self.types) != (initial or []))
        except ConditionError:
            return True


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value or []
    if not value.lstrip().startswith("["):
        return from_words(value)
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ConditionError(gettext("These conditions cannot be read.")) from error


def _are_rows(groups: Any) -> bool:
    return isinstance(groups, list) and all(
        isinstance(group, list) and all(isinstance(row, dict) for row in group) for group in groups
    )
