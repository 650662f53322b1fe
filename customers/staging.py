"""The first third of a sync: what each record of a page would do, written down beside the customers.

Nothing of a customer is altered here. A staged row says what the record means (`mapped`: fields,
attributes, handles), which operation that makes, and the tier now and then. Records are recognised by
a hash of how they came: one that was applied before, under the same mapping, is only noted as seen.

Whoever assigns tiers by other means than the record (rules, shares) works on these rows: he sets
`new_tier`, and `operation` to change where it was unchanged or touch. A row of his own needs no
`mapped` and no `fingerprint`: applying it alters the tier alone.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from contactcenter.foundation.parameters import numbers, texts
from customers.crm.mapping import Mapped, Mappings, Rejection, external_id, fingerprint, map_record
from customers.crm.targets import TIER
from customers.models import Customer, ExternalIdentity, Handle, LoyaltyTier, StagedRecord, SyncRun
from customers.privacy.suppression import suppressed
from customers.records import Wanted, emptied, take_over
from customers.staged_rows import Row, replace, write, write_rejections

Operation = StagedRecord.Operation


@dataclass
class Tally:
    """What a page came to, by the run's counters; `seen` are the records that the run had staged before."""

    read: int = 0
    unchanged: int = 0
    rejected: int = 0
    repeated: int = 0
    seen: int = 0
    emptied: Counter[str] = field(default_factory=Counter)

    def counters(self) -> dict[str, int]:
        """The part of it that the run adds up."""
        return {name: getattr(self, name) for name in ("read", "unchanged", "rejected", "repeated")}


@dataclass(frozen=True)
class Known:
    """A customer known from this CRM, as he is now; no fingerprint when whatever comes must be looked at."""

    customer_id: int
    tier: int | None
    fingerprint: str


@dataclass
class _Page:
    """A page's records by what is to become of them."""

    seen: list[str] = field(default_factory=list)
    mapped: dict[str, tuple[Mapped, str]] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)


def stage(run: SyncRun, records: list[Any], mappings: Mappings, gone: Collection[str] = ()) -> Tally:
    """Stage `records`, and the ids that the CRM says are `gone`, in the caller's transaction."""
    latest, nameless = _by_id(records, mappings)
    known = known_customers(run.connection_id, [*latest, *gone])
    page = _sort(latest, nameless, mappings, known)
    erased = _leave_out_erased(run, page, known)
    tally = Tally(read=len(records), rejected=len(page.rejections))
    rows = [seen(one, known[one], Operation.UNCHANGED) for one in page.seen]
    rows += [Row(one.external_id, Operation.REJECT) for one in page.rejections if one.external_id]
    rows += _compared(page.mapped, known, tally)
    rows += [seen(one, known[one], Operation.DELETE) for one in gone if one in known and one not in latest]
    tally.unchanged = erased + sum(row.operation in (Operation.UNCHANGED, Operation.TOUCH) for row in rows)
    replaced = replace(run, [*(row.external_id for row in rows), *gone])
    tally.seen = sum(replaced.values())
    tally.repeated = len(records) - len(nameless) - len(latest)
    tally.repeated += replaced[Operation.CREATE] + replaced[Operation.CHANGE]
    write(run, rows)
    write_rejections(run, page.rejections)
    return tally


def seen(record_id: str, known: Known, operation: str) -> Row:
    """A row that wants nothing new of a customer; of one who is gone it takes the tier."""
    new_tier = None if operation == Operation.DELETE else known.tier
    return Row(record_id, operation, customer_id=known.customer_id, old_tier=known.tier, new_tier=new_tier)


def known_customers(connection_id: int, ids: Collection[str]) -> dict[str, Known]:
    """Those of `ids` whom we know from this CRM."""
    rows = ExternalIdentity.objects.filter(connection_id=connection_id, external_id__in=texts(ids)).values_list(
        "external_id", "customer_id", "customer__tier_id", "fingerprint", "missing_since"
    )
    # One who was missing and is back must be looked at, the same record or not.
    return {row[0]: Known(row[1], row[2], "" if row[4] else row[3]) for row in rows}


def _by_id(records: list[Any], mappings: Mappings) -> tuple[dict[str, Any], list[Any]]:
    """The records by their ids, the later one of two, and those without a usable id."""
    latest, nameless = {}, []
    for record in records:
        record_id = external_id(record, mappings)
        if record_id is None:
            nameless.append(record)
        else:
            latest[record_id] = record
    return latest, nameless


def _sort(latest: dict[str, Any], nameless: list[Any], mappings: Mappings, known: dict[str, Known]) -> _Page:
    page, digest = _Page(), mappings.digest()
    for record_id, record in latest.items():
        print_of_record = fingerprint(record, digest)
        if record_id in known and known[record_id].fingerprint == print_of_record:
            page.seen.append(record_id)
            continue
        mapped = map_record(record, mappings)
        if isinstance(mapped, Rejection):
            page.rejections.append(mapped)
        else:
            page.mapped[mapped.external_id] = (mapped, print_of_record)
    refused = (map_record(record, mappings) for record in nameless)
    page.rejections += [one for one in refused if isinstance(one, Rejection)]
    return page


def _leave_out_erased(run: SyncRun, page: _Page, known: dict[str, Known]) -> int:
    """Of erased people nothing is written down again, not even that they were rejected; how many there were."""
    new: dict[str, Iterable[tuple[str, str]]] = {
        one: Wanted.of(mapped).addresses() for one, (mapped, _) in page.mapped.items() if one not in known
    }
    new |= {one.external_id: () for one in page.rejections if one.external_id and one.external_id not in known}
    erased = suppressed(run.connection_id, new)
    for one in erased:
        page.mapped.pop(one, None)
    page.rejections = [one for one in page.rejections if one.external_id not in erased]
    return len(erased)


def _compared(mapped: dict[str, tuple[Mapped, str]], known: dict[str, Known], tally: Tally) -> Iterable[Row]:
    """The records that say something new, set against the customers as they are."""
    tiers: dict[str, int] = dict(LoyaltyTier.objects.values_list("slug", "pk"))
    ids = [known[one].customer_id for one in mapped if one in known]
    customers = {each.pk: each for each in Customer.objects.filter(pk__in=numbers(ids))}
    handles = _handles(ids)
    for record_id, (found, print_of_record) in mapped.items():
        wanted = Wanted.of(found)
        tier = found.fields.get(TIER)
        before = known.get(record_id)
        if before is None:
            new = tiers[str(tier)] if tier else None
            yield Row(record_id, Operation.CREATE, print_of_record, wanted, new_tier=new)
            continue
        new = before.tier if TIER not in found.fields else tiers[str(tier)] if tier else None
        customer, held = customers[before.customer_id], handles[before.customer_id]
        tally.emptied.update(emptied(customer, held, wanted))
        differs = take_over(customer, wanted) or new != before.tier or _moves(held, wanted)
        operation = Operation.CHANGE if differs else Operation.TOUCH
        yield Row(record_id, operation, print_of_record, wanted, before.customer_id, before.tier, new)


def _handles(customer_ids: list[int]) -> dict[int, dict[str, set[str]]]:
    """Each customer's addresses by kind."""
    held: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = Handle.objects.filter(customer_id__in=numbers(customer_ids)).order_by()
    for customer_id, kind, value in rows.values_list("customer_id", "kind", "value"):
        held[customer_id][kind].add(value)
    return held


def _moves(held: dict[str, set[str]], wanted: Wanted) -> bool:
    return any(held.get(kind, set()) != set(values) for kind, values in wanted.handles.items())
