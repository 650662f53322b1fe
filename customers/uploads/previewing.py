"""What a run would make of a list: who is in it, by what he is recognised, and which lines are of no use."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from customers.addresses import AddressError, normalise
from customers.crm.lists import ListError, Row
from customers.crm.mapping import Mappings, Rejection, Rule, map_record
from customers.crm.targets import HANDLE, TIER, targets
from customers.models import AttributeDefinition, LoyaltyTier
from customers.uploads.text import LIST_ID, names_of, stored

SHOWN_ROWS, SHOWN_PROBLEMS = 10, 100

IDENTIFYING = ("handle:customer_no", "handle:phone", "handle:email")
"""What a person can be recognised by, the surest first."""


@dataclass(frozen=True)
class Choices:
    """What the supervisor says of her list. `tier` is the slug of everybody's tier, "" when a column says it."""

    region: str
    tier: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What would be read: how many, the first of them, and by line what is wrong with others."""

    names: list[str]
    total: int
    shown: list[Row]
    problem_count: int
    problems: list[tuple[int, str | Promise]]

    @property
    def usable(self) -> int:
        return self.total - self.problem_count


def preview(text: str, choices: Choices) -> Preview:
    """What a run would make of the list. Raises ListError where nobody could be recognised."""
    names = names_of(text)
    mappings = _mappings(names, choices)
    labels = {
        name: capfirst(str(label)) for name, label in targets(AttributeDefinition.objects.values_list("key", "label"))
    }
    found = list(identified(text, choices))
    problems = [(row.line, problem) for row in found if (problem := _problem(row, mappings, labels))]
    shown = [Row(row.line, {name: row.values.get(name, "") for name in names}) for row in found[:SHOWN_ROWS]]
    return Preview(names, len(found), shown, len(problems), problems[:SHOWN_PROBLEMS])


def _problem(row: Row, mappings: Mappings, labels: dict[str, str]) -> str | Promise:
    if row.problem:
        return row.problem
    result = map_record(row.values, mappings)
    return f"{labels.get(result.field, result.field)}: {result.reason}" if isinstance(result, Rejection) else ""


def identified(text: str, choices: Choices) -> Iterable[Row]:
    """The rows with the id that a person is recognised by; who cannot be has the line for one, and a problem."""
    by_target = dict(zip(choices.targets, names_of(text), strict=False))
    kinds = [(target.removeprefix(HANDLE), by_target[target]) for target in IDENTIFYING if target in by_target]
    if not kinds:
        raise ListError(_("Say which column holds the phone number, the e-mail address or the customer number."))
    lines: dict[str, int] = {}
    for row in stored(text):
        if row.problem:
            yield row
            continue
        key = next((key for kind, name in kinds if (key := _key(kind, row.values[name], choices.region))), "")
        first = lines.setdefault(key, row.line) if key else row.line
        again = "" if first == row.line else _("is the same person as line %(line)s") % {"line": first}
        yield Row(row.line, {LIST_ID: key or f"line {row.line}", **row.values}, again)


def _key(kind: str, value: str, region: str) -> str:
    try:
        return f"{kind}:{normalise(kind, value, region)}"
    except AddressError:
        return ""


def rules(names: Iterable[str], choices: Choices) -> list[Rule]:
    """The mapping that the supervisor has chosen."""
    mapped = [(name, target) for name, target in zip(names, choices.targets, strict=False) if target]
    surest = next((target for target in IDENTIFYING if target in choices.targets), "")
    found = [
        Rule(target, json.dumps(name), target == surest)
        for name, target in mapped
        if target != TIER or not choices.tier
    ]
    return [*found, Rule(TIER, f"'{choices.tier}'", True)] if choices.tier else found


def _mappings(names: Iterable[str], choices: Choices) -> Mappings:
    return Mappings(
        id_path=LIST_ID,
        region=choices.region,
        rules=tuple(rules(names, choices)),
        tiers={word.casefold(): slug for word, slug, _pk in tier_words()},
        attributes=dict(AttributeDefinition.objects.values_list("key", "type")),
    )


def tier_words() -> list[tuple[str, str, int]]:
    """How a list may call a tier: by its short name or by its name."""
    found: dict[str, tuple[str, str, int]] = {}
    for slug, name, pk in LoyaltyTier.objects.values_list("slug", "name", "pk"):
        found.setdefault(slug.casefold(), (slug, slug, pk))
        found.setdefault(str(name).casefold(), (str(name), slug, pk))
    return list(found.values())
