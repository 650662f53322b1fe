"""From a CRM's record to what we keep of a customer. Pure: the mapping comes in as an argument."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

import jmespath
from django.utils.translation import gettext as _
from jmespath.exceptions import JMESPathError

from contactcenter.foundation import values
from contactcenter.foundation.translating import said
from customers.addresses import AddressError, normalise
from customers.crm.targets import ATTRIBUTE, FACTS, HANDLE, TIER, Fact, is_target

REJECT, NULL, KEEP = "reject", "null", "keep"
LONGEST_ID = 120
MOST_PURCHASES = 2**31 - 1

Finder = Callable[[Any], Any]
"""Takes a record, gives what stands in it at one place."""


@dataclass(frozen=True)
class Rule:
    """One field of the CRM (a JMESPath expression) and what it means; `on_error` is reject, null or keep."""

    target: str
    expression: str
    is_required: bool = False
    on_error: str = REJECT


class BadMapping(ValueError):
    """The mapping itself cannot be used; `field` names the part of it that cannot."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


def _finder(expression: str) -> Finder:
    if expression.isascii() and expression.isidentifier():
        # A plain field name, as most are: the same answer at a tenth of the time.
        return lambda record: record.get(expression) if isinstance(record, dict) else None
    return cast(Finder, jmespath.compile(expression).search)


@dataclass(frozen=True)
class Mappings:
    """All rules of a connection. `tiers` maps casefolded words to tier slugs, `attributes` keys to types."""

    id_path: str
    region: str
    rules: tuple[Rule, ...]
    tiers: Mapping[str, str]
    keeps_unmapped_tier: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    finders: dict[str, Finder] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            if not is_target(rule.target):
                raise BadMapping(rule.target, _("is not a field of ours"))
        for target, expression in [("id", self.id_path), *((rule.target, rule.expression) for rule in self.rules)]:
            try:
                self.finders[expression] = _finder(expression)
            except JMESPathError:
                raise BadMapping(target, _("is not a JMESPath expression")) from None

    def find(self, expression: str, record: Any) -> Any:
        """What stands there in the record. Raises NotOfType for an expression that this record breaks."""
        try:
            return self.finders[expression](record)
        except JMESPathError:
            raise values.NotOfType(_("expression")) from None

    def digest(self) -> str:
        """Changes whenever the same record could mean something else."""
        rules = sorted((rule.target, rule.expression, rule.is_required, rule.on_error) for rule in self.rules)
        parts = [self.id_path, self.region, rules, sorted(self.tiers.items()), self.keeps_unmapped_tier]
        return _sha256([*parts, sorted(self.attributes.items())])


@dataclass
class Mapped:
    """What one record says. What is in none of these stays as it is; None and "" mean unknown.

    `fields` are the customer's columns by name, the tier by its slug; `handles` the addresses of each kind.
    """

    external_id: str
    fields: dict[str, values.Value | None] = field(default_factory=dict)
    attributes: dict[str, values.Value | None] = field(default_factory=dict)
    handles: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rejection:
    """A record that could not be used: which field, and why, in a supervisor's words."""

    external_id: str
    field: str
    reason: str


class _Unusable(Exception):
    """One value that could not be read."""


def fingerprint(record: Any, digest: str) -> str:
    """Equal for the same record under the same mapping: then there is nothing to do."""
    return _sha256([digest, record])


def _sha256(document: Any) -> str:
    return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def external_id(record: Any, mappings: Mappings) -> str | None:
    """The record's id in the CRM; None when it has none that can be kept."""
    try:
        found = values.read(mappings.find(mappings.id_path, record), values.TEXT)
    except values.NotOfType:
        return None
    usable = isinstance(found, str) and len(found) <= LONGEST_ID and found.isprintable()
    return str(found) if usable else None


def map_record(record: Any, mappings: Mappings) -> Mapped | Rejection:
    """What `record` says of its customer, or which field makes it unusable."""
    record_id = external_id(record, mappings)
    if record_id is None:
        return Rejection("", "id", _("The record has no usable id."))
    mapped = Mapped(record_id)
    for rule in mappings.rules:
        try:
            found = mappings.find(rule.expression, record)
            if rule.is_required and found in (None, "", []):
                return Rejection(record_id, rule.target, _("is missing"))
            _read(rule, found, mappings, mapped)
        except (_Unusable, values.NotOfType) as error:
            if rule.on_error == REJECT:
                return Rejection(record_id, rule.target, _reason(error))
            if rule.on_error == NULL:
                _read(rule, None, mappings, mapped)
    return mapped


def _reason(error: Exception) -> str:
    return (
        _("cannot be read as %(type)s") % {"type": said(error)} if isinstance(error, values.NotOfType) else str(error)
    )


def _read(rule: Rule, found: Any, mappings: Mappings, mapped: Mapped) -> None:
    """Put what `rule` found where it belongs in `mapped`."""
    if rule.target == TIER:
        mapped.fields.update(_tier(found, mappings))
    elif rule.target.startswith(HANDLE):
        kind = rule.target.removeprefix(HANDLE)
        addresses = _addresses(kind, found, mappings.region)
        mapped.handles.setdefault(kind, set()).update(addresses)
    elif rule.target.startswith(ATTRIBUTE):
        key = rule.target.removeprefix(ATTRIBUTE)
        mapped.attributes[key] = _storable(values.read(found, mappings.attributes.get(key, values.TEXT)))
    else:
        mapped.fields[rule.target] = _fact(found, FACTS[rule.target])


def _tier(found: Any, mappings: Mappings) -> dict[str, values.Value | None]:
    """The tier's slug, None for no tier; nothing at all leaves the customer's tier alone."""
    word = values.read(found, values.TEXT)
    slug = mappings.tiers.get(str(word).casefold())
    if word is None or slug is not None:
        return {TIER: slug if word is not None else None}
    if mappings.keeps_unmapped_tier:
        return {}
    # A word with digits may be anything, even a number mapped by mistake: it is not repeated.
    if any(mark.isdigit() for mark in str(word)):
        raise _Unusable(_("is not in the list of tiers"))
    raise _Unusable(_("“%(word)s” is not in the list of tiers") % {"word": str(word)[:40]})


def _addresses(kind: str, found: Any, region: str) -> Iterable[str]:
    several = found if isinstance(found, list) else [found]
    texts = [values.read(one, values.TEXT) for one in several]
    try:
        return [normalise(kind, str(text), region) for text in texts if text is not None]
    except AddressError as error:
        raise _Unusable(_(error.reason)) from None


def _fact(found: Any, fact: Fact) -> values.Value | None:
    value = _storable(values.read(found, fact.type))
    if fact.type == values.TEXT:
        if value is not None and len(str(value)) > fact.longest:
            raise _Unusable(_("is longer than %(longest)s characters") % {"longest": fact.longest})
        return value or ""
    if fact.type == values.NUMBER and value is not None and not _is_count(value):
        raise _Unusable(_("is not a whole number from 0 up"))
    return value


def _is_count(value: values.Value) -> bool:
    return isinstance(value, int) and 0 <= value <= MOST_PURCHASES


def _storable(value: values.Value | None) -> values.Value | None:
    if isinstance(value, str) and not value.isprintable():
        raise _Unusable(_("has characters that cannot be printed"))
    return value
