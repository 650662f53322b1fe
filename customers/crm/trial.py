"""One page of a CRM, looked at before anybody relies on it, and what a mapping makes of one record."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from contactcenter.foundation import values
from customers.crm import CONNECTORS, ConnectionConfig, CrmRejected, CrmUnavailable
from customers.crm.mapping import BadMapping, Mapped, Mappings, Rejection, Rule, map_record
from customers.crm.targets import ATTRIBUTE, HANDLE, TIER

FEW = 5
"""Records asked for in a trial, of CRMs that give as many as we like."""

DEEPEST, MOST_FIELDS, LONGEST_VALUE = 4, 200, 200

KINDS: dict[type, str | Promise] = {
    bool: gettext_lazy("yes or no"),
    int: pgettext_lazy("kind of value", "number"),
    float: pgettext_lazy("kind of value", "number"),
    str: gettext_lazy("text"),
    list: gettext_lazy("list"),
    type(None): gettext_lazy("nothing"),
}


@dataclass(frozen=True)
class Trial:
    """How it went. `problem` says why there is no page; `fields` are (expression, kind, value) of the first record."""

    problem: str = ""
    count: int = 0
    expected: int | None = None
    has_more: bool = False
    sample: Any = None
    fields: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """What one row of the mapping makes of the sample: what stands there, and what it becomes or why it cannot."""

    target: str
    expression: str
    found: str = ""
    becomes: str = ""
    problem: str = ""


def try_connection(kind: str, config: ConnectionConfig) -> Trial:
    """Ask the CRM for its first page, now. Nothing is kept."""
    config = replace(config, page_size=min(config.page_size, FEW), bookmarks=None, is_trial=True)
    try:
        page = CONNECTORS[kind].fetch_page(config, "", None, datetime.now(UTC))
    except (CrmUnavailable, CrmRejected) as error:
        return Trial(str(error))
    sample = next(iter(page.records), None)
    has_more = page.next_cursor is not None
    return Trial("", len(page.records), page.expected, has_more, sample, list(_fields(sample))[:MOST_FIELDS])


def _fields(record: Any, path: str = "", depth: int = 0) -> Iterable[tuple[str, str, str]]:
    """Each place of a record, as an expression for it."""
    if isinstance(record, dict) and depth < DEEPEST:
        for name, value in record.items():
            step = name if name.isascii() and name.isidentifier() else json.dumps(name)
            yield from _fields(value, f"{path}.{step}" if path else step, depth + 1)
    elif isinstance(record, list) and record and isinstance(record[0], dict) and depth < DEEPEST:
        yield from _fields(record[0], f"{path}[*]", depth + 1)
    elif path:
        yield path, str(KINDS.get(type(record), _("a record"))), _short(record)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def show(
    sample: Any,
    rows: Iterable[tuple[str, str]],
    id_path: str,
    region: str,
    tiers: Mapping[str, str],
    attributes: Mapping[str, str],
) -> list[Shown]:
    """For the id and each (target, expression): what the sample holds there and what it would be to us."""

    def mappings(*rules: Rule) -> Mappings:
        return Mappings(id_path, region, rules, tiers, attributes=attributes)

    return [_id(sample, mappings), *(_row(sample, target, expression, mappings) for target, expression in rows)]


def _id(sample: Any, mappings: Callable[..., Mappings]) -> Shown:
    try:
        read = mappings()
        found = read.find(read.id_path, sample)
    except (BadMapping, values.NotOfType):
        return Shown("id", "", problem=_in_words())
    result = map_record(sample, read)
    if isinstance(result, Rejection):
        return Shown("id", read.id_path, _short(found), problem=result.reason)
    return Shown("id", read.id_path, _short(found), result.external_id)


def _row(sample: Any, target: str, expression: str, mappings: Callable[..., Mappings]) -> Shown:
    rule = Rule(target, expression)
    try:
        read = mappings(rule)
        found = read.find(expression, sample)
    except (BadMapping, values.NotOfType):
        return Shown(target, expression, problem=_in_words())
    # The id is a row of its own: a sample without one still shows what its other fields become.
    result = map_record({"sample": sample, "id": "sample"}, _within(read, rule))
    if isinstance(result, Rejection):
        return Shown(target, expression, _short(found), problem=result.reason)
    return Shown(target, expression, _short(found), _value(target, result))


def _within(read: Mappings, rule: Rule) -> Mappings:
    """The mapping for a record that lies in “sample”."""
    inner = Rule(rule.target, f"sample | {rule.expression}")
    return replace(read, id_path="id", rules=(inner,))


def _value(target: str, mapped: Mapped) -> str:
    if target.startswith(HANDLE):
        return ", ".join(sorted(mapped.handles.get(target.removeprefix(HANDLE), ())))
    if target.startswith(ATTRIBUTE):
        return _short(mapped.attributes.get(target.removeprefix(ATTRIBUTE)) or "")
    if target == TIER and TIER not in mapped.fields:
        return _("stays as it is")
    value = mapped.fields.get(target)
    return "" if value is None else _short(value)


def _in_words() -> str:
    return _("This is no JMESPath expression, or the record cannot be read with it. A simple one: loyalty.status")
