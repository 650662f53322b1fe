"""What the decide plane is told of a handle: read from the database here, copied by the courier.

One document a handle, format 1; an empty field is left out. Dated tier spans travel with it, so that
an override begins and ends by the decide server's clock, without another word from the database.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils import timezone

from contactcenter.foundation import changes
from customers.models import Handle, LoyaltyTier, TierOverride
from customers.tiers import tier_at

FORMAT = 1
BATCH = 5000
"""Handles asked for in one query; SQLite takes 32,766 parameters in one statement."""

Item = TypeVar("Item")
Document = dict[str, Any]
Spans = dict[int, list[dict[str, str]]]

_NAMES = (
    "tier",
    "purchases",
    "order_volume",
    "lifetime_value",
    "plan",
    "account_level",
    "category",
    "account_manager",
    "language",
)
_COLUMNS: tuple[str | Cast, ...] = (
    "kind",
    "value",
    "customer_id",
    # As text: the field's own decoder takes longer than all the rest of a row.
    Cast("customer__attributes", TextField()),
    "customer__tier__slug",
    *(f"customer__{name}" for name in _NAMES[1:]),
)


def document(handle_key: str) -> Document | None:
    """What is known of whoever is behind `<kind>:<value>`; None for nobody (the decide plane forgets it)."""
    return documents([handle_key])[handle_key]


def documents(handle_keys: Collection[str]) -> dict[str, Document | None]:
    """The same for many handles, in a few queries for each 5,000 of them.

    Several customers on one handle: the highest tier at this moment, then the one changed last, and
    `shared` says how many they are.
    """
    found: dict[str, Document | None] = dict.fromkeys(handle_keys)
    now = timezone.now()
    ranks: dict[str | None, int] = dict(LoyaltyTier.objects.values_list("slug", "rank"))
    for keys in _batches(list(found)):
        for key, candidates in _candidates(keys, now).items():
            found[key] = _best(candidates, ranks, now)
    return found


def mark_customers(customer_ids: Iterable[int]) -> None:
    """Tell the decide plane, in the caller's transaction, that these customers changed."""
    for ids in _batches(list(customer_ids)):
        handles = Handle.objects.filter(customer_id__in=ids).order_by().values_list("kind", "value")
        changes.mark(changes.FACTS, [f"{kind}:{value}" for kind, value in handles])


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _candidates(keys: list[str], now: datetime) -> dict[str, list[Document]]:
    """Everybody behind each of `keys`, the one changed last first."""
    rows = [row for kind, values in _by_kind(keys).items() for row in _rows(kind, values)]
    spans = _spans({row[2] for row in rows if row[-1]}, now)
    candidates: dict[str, list[Document]] = defaultdict(list)
    for kind, value, customer_id, attributes, *known, _ in rows:
        candidates[f"{kind}:{value}"].append(_document(customer_id, attributes, known, spans))
    return candidates


def _by_kind(keys: list[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        kind, _, value = key.partition(":")
        kinds[kind].append(value)
    return kinds


def _rows(kind: str, values: list[str]) -> Iterable[tuple[Any, ...]]:
    # Plain tuples: model instances would cost several times as much.
    overrides = TierOverride.objects.filter(customer_id=OuterRef("customer_id"))
    handles = Handle.objects.filter(kind=kind, value__in=_list(values)).order_by("-customer__updated_at")
    return handles.values_list(*_COLUMNS, Exists(overrides))


def _list(values: list[str]) -> RawSQL:
    """`values` as one parameter: thousands of them take longer to write into the statement than to find."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [values])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(values)])


def _spans(customer_ids: set[int], now: datetime) -> Spans:
    """Overrides in force or still to come, the one that started last first."""
    rows = (
        TierOverride.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), customer_id__in=customer_ids)
        .order_by("-starts_at", "-id")
        .values_list("customer_id", "tier__slug", "starts_at", "ends_at")
    )
    spans: Spans = defaultdict(list)
    for customer_id, tier, starts_at, ends_at in rows:
        until = {"until": ends_at.isoformat()} if ends_at else {}
        spans[customer_id].append({"tier": tier, "from": starts_at.isoformat(), **until})
    return spans


def _document(customer_id: int, attributes: str, known: list[Any], spans: Spans) -> Document:
    written: Document = {"v": FORMAT, "customer": str(customer_id)}
    for name, value in zip(_NAMES, known, strict=True):
        if value is not None and value != "":
            written[name] = value
    if attributes != "{}" and (further := orjson.loads(attributes)):
        written["attributes"] = further
    if customer_id in spans:
        written["spans"] = spans[customer_id]
    return written


def _best(candidates: list[Document], ranks: dict[str | None, int], now: datetime) -> Document:
    if len(candidates) == 1:
        return candidates[0]
    best = max(candidates, key=lambda candidate: ranks.get(tier_at(candidate, now), 0))
    return best | {"shared": len(candidates)}
