"""The middle third of a sync: what the staged rows would do in all, and whether that may be done unasked."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from contactcenter.foundation.values import TEXT
from customers import runs, tiering
from customers.crm.mapping import Mappings
from customers.crm.targets import ATTRIBUTE, FACTS, HANDLE
from customers.models import ExternalIdentity, Handle, Safeguards, StagedRecord, SyncRun
from customers.staged_rows import Row, analyse, write

FEWEST = 20
"""Fewer customers than this never hold a run: in a small list a few are many percent."""

ABSENT_AT_ONCE = 5000

Operation = StagedRecord.Operation

LOSES_TIER = Q(old_tier__isnull=False, new_tier__isnull=True)
GAINS_TIER = Q(old_tier__isnull=True, new_tier__isnull=False)
MOVES = LOSES_TIER | GAINS_TIER | (Q(old_tier__isnull=False, new_tier__isnull=False) & ~Q(old_tier=F("new_tier")))
"""A customer goes from one tier to another; one who is new does not."""

_COUNTED = {
    "create": Q(operation=Operation.CREATE),
    "change": Q(operation=Operation.CHANGE),
    "touch": Q(operation=Operation.TOUCH),
    "unchanged": Q(operation=Operation.UNCHANGED),
    "delete": Q(operation=Operation.DELETE),
    "tier_changed": Q(customer__isnull=False) & MOVES,
    "tier_lost": Q(customer__isnull=False) & LOSES_TIER,
}


@dataclass(frozen=True)
class Guard:
    """A safeguard that holds the run: `count` of `of` is beyond `limit` (percent)."""

    name: str
    count: int
    of: int
    limit: int
    field: str = ""

    @property
    def is_beyond(self) -> bool:
        """Whether there are more than the limit allows."""
        return self.count * 100 > self.of * self.limit


def judge(run: SyncRun, mappings: Mappings) -> None:
    """Find out what the run would do, and go on, stop, or hold it. Raises runs.LeaseLost."""
    runs.beat(run)
    run.refresh_from_db(fields=["read", "rejected"])
    limits = safeguards(run)
    analyse(StagedRecord)
    with transaction.atomic():
        before = count(run)
        stage_absent(run, limits)
        tiering.assign(run)
        planned = count(run)
        # Who moves only because others do was counted as unchanged when his record was read.
        still = sum(planned[kind] - before[kind] for kind in ("unchanged", "touch"))
        runs.count(run, {"unchanged": min(still, 0)})
        guards = [asdict(guard) for guard in tripped(run, planned, limits)]
        runs.note(run, planned=planned, guards=guards)
        if run.is_dry:
            runs.finish(run, SyncRun.State.PREVIEWED)
        elif guards:
            runs.finish(run, SyncRun.State.HELD)
        else:
            runs.enter(run, SyncRun.Phase.APPLYING)


def count(run: SyncRun) -> dict[str, int]:
    """How many staged rows there are of each kind."""
    kinds = {kind: Count("pk", filter=wanted) for kind, wanted in _COUNTED.items()}
    counted: dict[str, int] = StagedRecord.objects.filter(run=run).aggregate(**kinds)
    return counted


def safeguards(run: SyncRun) -> Safeguards:
    """Those of the run's connection; the defaults where nobody has set any."""
    return Safeguards.objects.filter(connection_id=run.connection_id).first() or Safeguards()


def stage_absent(run: SyncRun, limits: Safeguards) -> None:
    """Stage the customers whom a complete read of everything has not found.

    The first such run only notes that they are missing; the next one takes their tier away.
    """
    if run.since is not None or not run.is_complete:
        return
    last_key = 0
    while absent := list(_absent(run, limits).filter(pk__gt=last_key).order_by("pk")[:ABSENT_AT_ONCE]):
        write(run, [_absence(identity) for identity in absent])
        last_key = absent[-1].pk


def _absent(run: SyncRun, limits: Safeguards) -> QuerySet[ExternalIdentity]:
    read = StagedRecord.objects.filter(run=run, external_id=OuterRef("external_id"))
    elsewhere = ExternalIdentity.objects.filter(customer=OuterRef("customer"), missing_since__isnull=True)
    to_do = Q(missing_since__isnull=True)
    if limits.when_gone == Safeguards.WhenGone.REMOVE_TIER:
        to_do |= Q(customer__tier__isnull=False) & ~Q(Exists(elsewhere))
    mine = ExternalIdentity.objects.filter(connection_id=run.connection_id)
    return mine.filter(~Exists(read)).filter(to_do).select_related("customer")


def _absence(identity: ExternalIdentity) -> Row:
    tier = identity.customer.tier_id
    new_tier = tier if identity.missing_since is None else None
    return Row(
        identity.external_id,
        Operation.DELETE,
        customer_id=identity.customer_id,
        old_tier=tier,
        new_tier=new_tier,
    )


def tripped(run: SyncRun, planned: dict[str, int], limits: Safeguards) -> list[Guard]:
    """The safeguards that the run is beyond, each with its figures."""
    known = ExternalIdentity.objects.filter(connection_id=run.connection_id)
    of = known.count()
    tiered = known.filter(customer__tier__isnull=False).count() if planned["tier_lost"] else 0
    found = [
        Guard("tier_lost", planned["tier_lost"], tiered, limits.tier_lost_percent),
        Guard("tier_changed", planned["tier_changed"], of, limits.tier_changed_percent),
        Guard("deleted", planned["delete"], of, limits.deleted_percent),
        Guard("rejected", run.rejected, run.read, limits.rejected_percent),
        *_of_fields(run, known, limits),
    ]
    fewest = {"tier_lost": limits.tier_lost_at_least}
    beyond = [one for one in found if one.count >= fewest.get(one.name, FEWEST) and one.is_beyond]
    return [*_of_reading(run, of, limits), *beyond]


def _of_fields(run: SyncRun, known: QuerySet[ExternalIdentity], limits: Safeguards) -> Iterator[Guard]:
    """Fields that became empty, each against those who had it: what few have may be what makes them a VIP."""
    for name, number in (run.emptied or {}).items():
        if number >= FEWEST:
            yield Guard("emptied", number, _holders(known, name).count(), limits.emptied_points, name)


def _holders(known: QuerySet[ExternalIdentity], name: str) -> QuerySet[ExternalIdentity]:
    """Those of `known` who have a value for the mapped field `name`."""
    if name.startswith(HANDLE):
        handles = Handle.objects.filter(customer=OuterRef("customer"), kind=name.removeprefix(HANDLE))
        return known.filter(Exists(handles))
    if name.startswith(ATTRIBUTE):
        return known.filter(customer__attributes__has_key=name.removeprefix(ATTRIBUTE))
    empty = {f"customer__{name}": ""} if FACTS[name].type == TEXT else {f"customer__{name}__isnull": True}
    return known.exclude(**empty)


def _of_reading(run: SyncRun, known: int, limits: Safeguards) -> Iterator[Guard]:
    """A full read that brings nothing, or far less than the last one, was not full."""
    if run.since is not None:
        return
    good = SyncRun.objects.filter(connection_id=run.connection_id, state__in=SyncRun.GOOD, since__isnull=True)
    last = good.order_by("-pk").values_list("read", flat=True).first() or 0
    if run.read == 0 and known:
        yield Guard("nothing", 0, max(last, known), limits.read_percent)
    elif last >= FEWEST and run.read * 100 < last * limits.read_percent:
        yield Guard("read", run.read, last, limits.read_percent)
