"""Reads a CRM page by page: each page, or a part of it, is staged and moves the run on in one transaction."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers import runs, staged_rows, staging
from customers.crm import CONNECTORS, CrmRejected, Page, PaginationLoop
from customers.crm.configuration import config_of
from customers.crm.mapping import Mappings, Rejection, Rule, external_id
from customers.models import AttributeDefinition, CrmConnection, StagedRecord, SyncRun

MOST_QUARANTINED = 10
"""Records that may be left out because the sync breaks down over them; more of them are no accident."""


def read_on(run: SyncRun, mappings: Mappings) -> None:
    """Stage what stands at the run's cursor. Raises CrmUnavailable, CrmRejected, runs.LeaseLost."""
    if run.page_no == 0 and run.page_offset == 0:
        staged_rows.clear(run.connection_id, but=run)
    page = fetch(run)
    start, is_poison = run.page_offset, run.most_at_once == 0
    end = len(page.records) if run.most_at_once is None else start + max(run.most_at_once, 1)
    part = page.records[start:end]
    with transaction.atomic():
        if end < len(page.records):
            runs.advance_within(run, len(part))
        else:
            _advance(run, page)
        if is_poison:
            _quarantine(run, part, mappings)
        else:
            _stage(run, part, mappings, page)
        if run.page_offset == 0 and page.next_cursor is None:
            runs.enter(run, SyncRun.Phase.JUDGING)


def fetch(run: SyncRun) -> Page:
    """The page at the run's cursor."""
    connector = CONNECTORS[run.connection.connector]
    page = connector.fetch_page(config_of(run.connection), run.cursor, run.since, run.upper_bound)
    if page.next_cursor is not None and page.next_cursor in (run.cursor, run.anchor_cursor):
        raise PaginationLoop
    return page


def _advance(run: SyncRun, page: Page) -> None:
    known: dict[str, Any] = {} if page.expected is None else {"expected": page.expected}
    if page.is_everything:
        known["since"] = None
    runs.advance(
        run, page.next_cursor or "", _anchor(run, page), is_complete=run.is_complete and page.complete, **known
    )


def _anchor(run: SyncRun, page: Page) -> str:
    """The cursor to recognise a circle by: moved at pages 1, 2, 4, 8..., it finds one of any length (Brent)."""
    reached = run.page_no + 1
    return page.next_cursor or "" if reached & (reached - 1) == 0 else run.anchor_cursor


def _stage(run: SyncRun, records: list[Any], mappings: Mappings, page: Page) -> None:
    tally = staging.stage(run, records, mappings, page.tombstones)
    if tally.seen >= len(records) > 1 and page.next_cursor is not None:
        raise PaginationLoop  # other cursors, the same customers: the CRM does not heed what we ask for
    runs.count(run, tally.counters())
    if tally.emptied:
        counted = {**(run.emptied or {})}
        for name, number in tally.emptied.items():
            counted[name] = counted.get(name, 0) + number
        runs.note(run, emptied=counted)


def _quarantine(run: SyncRun, records: list[Any], mappings: Mappings) -> None:
    """Set aside the record that the sync broke down over; what is in it is not looked at again."""
    left_out = run.rejects.filter(field=staged_rows.QUARANTINED).count()
    if left_out >= MOST_QUARANTINED:
        raise CrmRejected("refused", _("the sync broke down over too many records"))
    for record in records:
        record_id = external_id(record, mappings) or ""
        reason = _("The sync broke down over this record again and again; it was left out.")
        staged_rows.write_rejections(run, [Rejection(record_id, staged_rows.QUARANTINED, reason)])
        if record_id:
            staged_rows.replace(run, [record_id])
            staged_rows.write(run, [staged_rows.Row(record_id, StagedRecord.Operation.REJECT)])
    runs.count(run, {"read": len(records), "rejected": len(records)})


def mappings_of(connection: CrmConnection) -> Mappings:
    """The connection's mapping, ready to use. Raises BadMapping."""
    rules = (
        Rule(row.target, row.expression, row.is_required, row.on_error) for row in connection.mappings.order_by("pk")
    )
    words = connection.tier_mappings.values_list("value", "tier__slug")
    return Mappings(
        id_path=connection.external_id_path,
        region=connection.region,
        rules=tuple(rules),
        tiers={value.strip().casefold(): slug for value, slug in words},
        keeps_unmapped_tier=connection.unmapped_tier == "keep",
        attributes=dict(AttributeDefinition.objects.values_list("key", "type")),
    )
