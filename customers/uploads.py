"""A list that a supervisor pastes or uploads: looked at together with her, then read by a run like any CRM.

The text is kept, encrypted, from the first look until its run has read it; `forget_read` removes it.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from customers import schedule, sync
from customers.addresses import AddressError, normalise
from customers.crm.lists import ListError, Row, decoded, delimiter_of, header_of, rows
from customers.crm.mapping import Mappings, Rejection, Rule, map_record
from customers.crm.targets import HANDLE, TIER, targets
from customers.models import (
    AttributeDefinition,
    CrmConnection,
    FieldMapping,
    LoyaltyTier,
    Safeguards,
    SyncRun,
    TierMapping,
    UploadedList,
)

LARGEST = 10 * 1024 * 1024
MOST_ROWS = 50_000
LOOKED_AT = 50
SHOWN_ROWS, SHOWN_PROBLEMS = 10, 100
KEPT_UNUSED = timedelta(hours=1)

LIST_ID, LINE = "list_id", "list_line"
"""Columns that we add: by what a person of the list is recognised next time, and where he stood in it."""

IDENTIFYING = ("handle:customer_no", "handle:phone", "handle:email")
"""What a person can be recognised by, the surest first."""

_SPOKEN = {
    "handle:phone": ("phone", "tel", "mobile", "cell", "handy", "numero", "número", "caller", "whatsapp"),
    "handle:email": ("mail",),
    "handle:customer_no": ("customer no", "customer number", "customer_no", "kundennummer", "codice cliente"),
    TIER: ("tier", "loyalty", "status", "level", "livello"),
    "name": ("name", "nome", "nombre", "nom", "customer", "cliente"),
    "language": ("language", "lingua", "sprache"),
}


@dataclass(frozen=True)
class Column:
    """One column of a list, and what it means to us; "" for nothing."""

    name: str
    target: str
    example: str


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


def read(content: bytes | str) -> str:
    """The list as a CSV with commas and a header. Raises ListError."""
    text = content if isinstance(content, str) else decoded(content)
    if "\0" in text:
        raise ListError(_("This is not text."))
    delimiter = delimiter_of(text)
    first = next((cells for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cells)), [])
    header = _names(first) if any(_is_address(cell) for cell in first) else None
    names = header or header_of(first)
    found = list(_at_most(rows(text, delimiter, header=header)))
    if not found:
        raise ListError(_("There is nobody in this list."))
    if own := {LIST_ID, LINE} & set(names):
        raise ListError(_("The column “%(name)s” needs another name.") % {"name": own.pop()})
    # A line with the wrong columns keeps its number only: it has the wrong columns here as well.
    return _written([LINE, *names], ([row.line, *([] if row.problem else row.values.values())] for row in found))


def _at_most(found: Iterable[Row]) -> Iterable[Row]:
    for number, row in enumerate(found):
        if number >= MOST_ROWS:
            raise ListError(_("This list is longer than %(most)s lines. Divide it.") % {"most": MOST_ROWS})
        yield row


def _written(names: list[str], lines: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(lines)
    return text.getvalue()


def _stored(text: str) -> Iterable[Row]:
    """The rows of what `read` gave, with the line numbers of the list as it was handed in."""
    for row in rows(text, ","):
        line = int(row.values.pop(LINE))
        yield Row(line, row.values, _("has not as many columns as the first line") if row.problem else "")


def _names(cells: list[str]) -> list[str]:
    """Names for the columns of a list without a header."""
    return [_("column %(number)s") % {"number": number} for number, _cell in enumerate(cells, 1)]


def _is_address(text: str) -> bool:
    return _reads("phone", text, "IT") or _reads("email", text, "")


def _reads(kind: str, text: str, region: str) -> bool:
    digits = sum(mark.isdigit() for mark in text)
    if kind == "phone" and digits >= 7 and text.strip().startswith(("+", "00")):
        return True
    try:
        normalise(kind, text, region)
    except AddressError:
        return False
    return kind != "phone" or digits >= 6


def columns(text: str, region: str) -> list[Column]:
    """The columns of a list, each with our guess at what it means; nothing is guessed twice but handles."""
    found = [row.values for row in islice(_stored(text), LOOKED_AT)]
    guessed: list[Column] = []
    for name in _names_of(text):
        values = [value for row in found if (value := row.get(name, ""))]
        target = _guess(name, values, region)
        if target in {column.target for column in guessed} and not target.startswith(HANDLE):
            target = ""
        guessed.append(Column(name, target, values[0] if values else ""))
    return guessed


def _guess(name: str, values: list[str], region: str) -> str:
    for kind in ("email", "phone"):
        if values and sum(_reads(kind, value, region) for value in values) > len(values) / 2:
            return f"{HANDLE}{kind}"
    spoken = name.casefold()
    return next((target for target, words in _SPOKEN.items() if any(word in spoken for word in words)), "")


def preview(text: str, choices: Choices) -> Preview:
    """What a run would make of the list. Raises ListError where nobody could be recognised."""
    names = _names_of(text)
    mappings = _mappings(names, choices)
    labels = {
        name: capfirst(str(label)) for name, label in targets(AttributeDefinition.objects.values_list("key", "label"))
    }
    found = list(_identified(text, choices))
    problems = [(row.line, problem) for row in found if (problem := _problem(row, mappings, labels))]
    shown = [Row(row.line, {name: row.values.get(name, "") for name in names}) for row in found[:SHOWN_ROWS]]
    return Preview(names, len(found), shown, len(problems), problems[:SHOWN_PROBLEMS])


def _problem(row: Row, mappings: Mappings, labels: dict[str, str]) -> str | Promise:
    if row.problem:
        return row.problem
    result = map_record(row.values, mappings)
    return f"{labels.get(result.field, result.field)}: {result.reason}" if isinstance(result, Rejection) else ""


def _names_of(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text, newline="")))[1:]


def _identified(text: str, choices: Choices) -> Iterable[Row]:
    """The rows with the id that a person is recognised by; who cannot be has the line for one, and a problem."""
    by_target = dict(zip(choices.targets, _names_of(text), strict=False))
    kinds = [(target.removeprefix(HANDLE), by_target[target]) for target in IDENTIFYING if target in by_target]
    if not kinds:
        raise ListError(_("Say which column holds the phone number, the e-mail address or the customer number."))
    lines: dict[str, int] = {}
    for row in _stored(text):
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


def _rules(names: Iterable[str], choices: Choices) -> list[Rule]:
    mapped = [(name, target) for name, target in zip(names, choices.targets, strict=False) if target]
    surest = next((target for target in IDENTIFYING if target in choices.targets), "")
    rules = [
        Rule(target, json.dumps(name), target == surest)
        for name, target in mapped
        if target != TIER or not choices.tier
    ]
    return [*rules, Rule(TIER, f"'{choices.tier}'", True)] if choices.tier else rules


def _mappings(names: Iterable[str], choices: Choices) -> Mappings:
    return Mappings(
        id_path=LIST_ID,
        region=choices.region,
        rules=tuple(_rules(names, choices)),
        tiers={word.casefold(): slug for word, slug, _pk in _words()},
        attributes=dict(AttributeDefinition.objects.values_list("key", "type")),
    )


def _words() -> list[tuple[str, str, int]]:
    """How a list may call a tier: by its short name or by its name."""
    found: dict[str, tuple[str, str, int]] = {}
    for slug, name, pk in LoyaltyTier.objects.values_list("slug", "name", "pk"):
        found.setdefault(slug.casefold(), (slug, slug, pk))
        found.setdefault(str(name).casefold(), (str(name), slug, pk))
    return list(found.values())


def new_connection(name: str) -> CrmConnection:
    """A list to be, without a night of its own. Its safeguards trust the supervisor, who has seen the preview."""
    slug = slugify(name)[:40] or "list"
    taken = set(CrmConnection.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = next(each for each in [slug, *(f"{slug}-{n}" for n in range(2, 1000))] if each not in taken)
    connection = CrmConnection.objects.create(
        name=name, slug=free, connector="upload", auth="none", external_id_path=LIST_ID, updated_since_param=""
    )
    Safeguards.objects.create(
        connection=connection,
        tier_changed_percent=100,
        deleted_percent=50,
        rejected_percent=100,
        read_percent=0,
        emptied_points=100,
    )
    return connection


def start(connection: CrmConnection, listed: UploadedList, choices: Choices, *, is_whole: bool, by: Any) -> SyncRun:
    """Have the list read. Raises ListError, and sync.CannotStart while an earlier list is being read."""
    with transaction.atomic():
        if connection.runs.filter(state__in=SyncRun.UNFINISHED).exists():
            raise sync.AlreadyRunning
        names = _names_of(listed.content)
        found = [row.values for row in _identified(listed.content, choices) if not row.problem]
        listed.content = _written([LIST_ID, *names], (values.values() for values in found))
        listed.connection, listed.is_whole = connection, is_whole
        listed.save()
        UploadedList.objects.filter(connection=connection).exclude(pk=listed.pk).delete()
        _set_up(connection, _rules(names, choices), choices.region)
        schedule.ensure_dispatcher()
        return sync.start(connection, SyncRun.Trigger.MANUAL, by.pk)


def _set_up(connection: CrmConnection, rules: list[Rule], region: str) -> None:
    """Give the connection the mapping that the supervisor has chosen."""
    connection.region, connection.is_enabled = region, True
    connection.save(update_fields=["region", "is_enabled"])
    connection.mappings.all().delete()
    FieldMapping.objects.bulk_create(
        FieldMapping(
            connection=connection,
            target=rule.target,
            expression=rule.expression,
            is_required=rule.is_required,
            on_error=rule.on_error,
        )
        for rule in rules
    )
    connection.tier_mappings.all().delete()
    TierMapping.objects.bulk_create(
        TierMapping(connection=connection, value=word, tier_id=pk) for word, _slug, pk in _words()
    )


def draft(text: str, by: Any) -> UploadedList:
    """Keep a list while its supervisor looks at it."""
    forget_read()
    return UploadedList.objects.create(content=text, uploaded_by=by)


def drafted(draft_id: str, by: Any) -> UploadedList | None:
    """The list that this person is looking at; None when it is gone or somebody else's."""
    try:
        return UploadedList.objects.filter(pk=UUID(draft_id), uploaded_by=by, connection=None).first()
    except ValueError:
        return None


def forget_read() -> int:
    """Remove the lists that no run has still to read, and those that nobody went on with; how many."""
    unread = SyncRun.objects.filter(state__in=SyncRun.UNFINISHED, phase=SyncRun.Phase.READING)
    done = UploadedList.objects.filter(connection__isnull=False).exclude(connection__in=unread.values("connection"))
    unused = UploadedList.objects.filter(connection=None, created_at__lt=timezone.now() - KEPT_UNUSED)
    return done.delete()[0] + unused.delete()[0]
