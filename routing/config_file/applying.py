"""What a file would change in the draft, and the draft made equal to it. Nothing is live before it is published."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models

from customers.models import AttributeDefinition, DataSource, DataSourceVariable, LoyaltyTier
from queues.models import Calendar, CalendarException, OpeningHours, PhoneSystem, Queue
from routing.config_file import shape
from routing.differences import Difference, differences
from routing.document import USUAL_OF_QUEUES, USUAL_OF_SYSTEMS, Document, render, unusual
from routing.models import Branch, FetchStep, Flow, Number
from routing.publishing import one_at_a_time
from routing.restoring import CannotReset, reset_draft

CHECKED: tuple[type[models.Model], ...] = (
    LoyaltyTier,
    AttributeDefinition,
    Calendar,
    OpeningHours,
    CalendarException,
    PhoneSystem,
    Queue,
    DataSource,
    DataSourceVariable,
    Flow,
    FetchStep,
    Branch,
    Number,
)
"""What a document makes, and whose own rules it must keep."""


class CannotApply(Exception):
    """The draft stays as it is; `reasons` say why, in words. `faults` are those that stand at one place of it."""

    def __init__(self, reasons: list[str], faults: Sequence[shape.Fault] = ()) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
        self.faults = faults


class _Only(Exception):
    """Ends a transaction that was to look only."""


def apply(document: Document) -> list[Difference]:
    """Make the draft equal to `document`, whole or not at all; what changed. Raises CannotApply."""
    document = _tidied(document)
    if found := shape.faults(document):
        raise CannotApply([str(fault) for fault in found], found)
    try:
        with one_at_a_time():
            before = render()
            reset_draft(document)
            if broken := list(_broken_rules()):
                raise CannotApply(broken)
            return differences(before, document)
    except CannotReset as refusal:
        raise CannotApply(refusal.reasons) from refusal
    except ValidationError as refusal:
        raise CannotApply(list(refusal.messages)) from refusal
    except IntegrityError as refusal:
        raise CannotApply([_told(refusal)]) from refusal


def plan(document: Document) -> list[Difference]:
    """What `apply` would change, by doing it and taking it back. Raises CannotApply."""
    found: list[Difference] = []
    try:
        with one_at_a_time():
            found = apply(document)
            raise _Only
    except _Only:
        return found


def _tidied(value: Any) -> Any:
    """`value` without what a document leaves out: what is empty, and what is as usual."""
    if isinstance(value, list):
        return [_tidied(each) for each in value]
    if not isinstance(value, dict):
        return value
    tidied = {
        name: each if name == "conditions" else _tidied(each)  # these keep what their operator has
        for name, each in value.items()
        if each not in (None, "")
    }
    for part, usual in (("queues", USUAL_OF_QUEUES), ("phone_systems", USUAL_OF_SYSTEMS)):
        if isinstance(rows := tidied.get(part), dict):
            tidied[part] = {slug: unusual(row, usual) if isinstance(row, dict) else row for slug, row in rows.items()}
    return tidied


def _broken_rules() -> Iterator[str]:
    """What a form would have refused, thing by thing."""
    for model in CHECKED:
        # Conditions are looked at by their branch, and may be empty: everybody takes it.
        beside = [each.name for each in model._meta.fields if each.is_relation or isinstance(each, models.JSONField)]
        for thing in model._default_manager.all():
            try:
                thing.full_clean(exclude=beside, validate_unique=False, validate_constraints=False)
            except ValidationError as refusal:
                yield from _named(thing, refusal)


def _named(thing: models.Model, refusal: ValidationError) -> Iterator[str]:
    for field, messages in refusal.message_dict.items():
        named: Any = None if field == NON_FIELD_ERRORS else thing._meta.get_field(field)
        what = f", {named.verbose_name}" if named else ""
        for message in messages:
            yield f"{thing._meta.verbose_name} “{thing}”{what}: {message}"


def _told(refusal: IntegrityError) -> str:
    """The words of the rule that the database kept."""
    rules = (rule for model in CHECKED for rule in model._meta.constraints)
    kept = next((rule for rule in rules if rule.name in str(refusal)), None)
    if kept is None:
        return "Two things have a name, a rank or an address of which there can be only one."
    return str(kept.get_violation_error_message())
