"""What the decide plane is told of a handle: read from the database here, copied by the courier.

One document a handle, format 1; an empty field is left out. Dated tier spans travel with it, so that
an override begins and ends by the decide server's clock, without another word from the database.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from contactcenter.foundation import changes, formats, parameters
from customers.models import Customer, Handle, IdentityPolicy, LoyaltyTier, TierOverride
from customers.sharing import Rules, choose

FORMAT = formats.FACTS.written
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
    "objects_to_profiling",
)
_WITHOUT_PROFILE = ("v", "customer", "language", "objects_to_profiling")
"""All that is told of a customer who objects to profiling: nothing that could put him before others."""

_COLUMNS: tuple[str | Cast, ...] = (
    "kind",
    "value",
    "customer_id",
    "customer__merged_into_id",
    "is_primary",
    # As text: the field's own decoder takes longer than all the rest of a row.
    Cast("customer__attributes", TextField()),
    "customer__tier__slug",
    *(f"customer__{name}" for name in _NAMES[1:]),
)


def document(handle_key: str, at: datetime | None = None) -> Document | None:
    """What is known of whoever is behind `<kind>:<value>`; None for nobody (the decide plane forgets it)."""
    return documents([handle_key], at)[handle_key]


def documents(handle_keys: Collection[str], at: datetime | None = None) -> dict[str, Document | None]:
    """The same for many handles, in a few queries for each 5,000 of them.

    Several customers on one handle: the policy says who counts (sharing.py), `shared` how many they are.
    A customer who was merged into another is that other one. `at` is the moment that counts, now if left out.
    """
    found: dict[str, Document | None] = dict.fromkeys(handle_keys)
    now = at or timezone.now()
    policy = IdentityPolicy.current()
    ranks: dict[str | None, int] = dict(LoyaltyTier.objects.values_list("slug", "rank"))
    rules = Rules(policy.shared, policy.switchboard_above, ranks)
    for keys in _batches(list(found)):
        candidates, primary = _candidates(keys, now)
        for key, several in candidates.items():
            found[key] = choose(several, primary.get(key, ""), rules, now)
    return found


def mark_customers(customer_ids: Iterable[int]) -> None:
    """Tell the decide plane, in the caller's transaction, that these customers changed."""
    for ids in _batches(list(customer_ids)):
        handles = Handle.objects.order_by().values_list("kind", "value")
        # A union and no OR: of those who were merged into them there are few, and an index finds them.
        theirs = handles.filter(customer_id__in=ids).union(handles.filter(customer__merged_into__in=ids))
        changes.mark(changes.FACTS, [f"{kind}:{value}" for kind, value in theirs])


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _candidates(keys: list[str], now: datetime) -> tuple[dict[str, list[Document]], dict[str, str]]:
    """Everybody behind each of `keys`, the one changed last first; and whose main address it is."""
    rows = [row for kind, values in _by_kind(keys).items() for row in _rows(kind, values)]
    kept = _kept({row[3] for row in rows if row[3] is not None})
    people = [(row[2], row[-1]) if row[3] is None else (row[3], kept[row[3]][-1]) for row in rows]
    spans = _spans({customer_id for customer_id, has_overrides in people if has_overrides}, now)
    candidates: dict[str, list[Document]] = defaultdict(list)
    primary: dict[str, str] = {}
    found_behind = list(zip(rows, people, strict=True))
    if kept:  # one who was merged was changed when the one was whom he was merged into
        ids = {customer_id for customer_id, _ in people}
        changed = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "updated_at"))
        found_behind.sort(key=lambda each: changed.get(each[1][0], now), reverse=True)
    for row, (customer_id, _) in found_behind:
        attributes, *known, _ = row[5:] if row[3] is None else kept[row[3]]
        found = _document(customer_id, attributes, known, spans)
        several = candidates[f"{row[0]}:{row[1]}"]
        if found not in several:  # one who was merged may have had the same address
            several.append(found)
        if row[4]:
            primary[f"{row[0]}:{row[1]}"] = found["customer"]
    return candidates, primary


def _kept(customer_ids: set[int]) -> dict[int, tuple[Any, ...]]:
    """What is known of customers whom others were merged into, in the order of a row's second half."""
    if not customer_ids:
        return {}
    overrides = TierOverride.objects.filter(customer_id=OuterRef("pk"))
    columns = ("id", Cast("attributes", TextField()), "tier__slug", *_NAMES[1:], Exists(overrides))
    return {row[0]: row[1:] for row in Customer.objects.filter(pk__in=customer_ids).values_list(*columns)}


def _by_kind(keys: list[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        kind, _, value = key.partition(":")
        kinds[kind].append(value)
    return kinds


def _rows(kind: str, values: list[str]) -> Iterable[tuple[Any, ...]]:
    # Plain tuples: model instances would cost several times as much.
    overrides = TierOverride.objects.filter(customer_id=OuterRef("customer_id"))
    handles = Handle.objects.filter(kind=kind, value__in=parameters.texts(values)).order_by("-customer__updated_at")
    return handles.values_list(*_COLUMNS, Exists(overrides))


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
    if written["objects_to_profiling"]:
        return {name: written[name] for name in _WITHOUT_PROFILE if name in written}
    del written["objects_to_profiling"]
    return written
