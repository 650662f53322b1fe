"""Reads a CRM page by page into the database: `start` a run, then `step` it forward until it is over.

A step may be killed at any moment and repeated at any time: each page is one transaction, and the run
is found at the page it had reached. No transaction is open while the CRM is asked.
"""

from datetime import datetime, timedelta
from time import monotonic

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from contactcenter.foundation.logs import logger
from customers import runs
from customers.crm import CONNECTORS, ConnectionConfig, CrmRejected, CrmUnavailable, Page, PaginationLoop
from customers.crm.mapping import BadMapping, Mappings, Rule
from customers.models import AttributeDefinition, CrmConnection, SyncRun
from customers.upsert import apply_records

STEP_S = 50.0
"""What one step works before it makes room for others; with a page in hand well below Celery's soft limit."""

LAG = timedelta(seconds=120)
"""Left out at the end of what a run promises to have read: a CRM may commit late what it has stamped already."""

OVERLAP = timedelta(minutes=10)
"""Read again by the next run, against late commits and clocks that differ; an unchanged record costs nothing."""

LONGEST_COUNTDOWN_S = 60.0

log = logger(__name__)


class CannotStart(Exception):
    """This CRM is not to be read now; the text says why, for a supervisor."""


class AlreadyRunning(CannotStart):
    """A sync of this connection has not ended yet."""

    def __str__(self) -> str:
        return _("A sync of this CRM is running already.")


class Disabled(CannotStart):
    """The connection is switched off."""

    def __str__(self) -> str:
        return _("This CRM connection is switched off.")


class NotSetUp(CannotStart):
    """A mapping of the connection cannot be used; the text says which."""


def start(connection: CrmConnection, trigger: str, by: int | None = None) -> SyncRun:
    """A new run, queued; `by` is the id of the user who asked. Raises CannotStart, saying why by its class."""
    if not connection.is_enabled:
        raise Disabled
    now = timezone.now()
    try:
        digest = mappings_of(connection).digest()
        with transaction.atomic():  # the database's own constraint decides between two who start at once
            run = SyncRun.objects.create(
                connection=connection,
                trigger=trigger,
                started_by_id=by,
                since=_since(connection, digest),
                upper_bound=now - LAG,
                mapping_digest=digest,
                heartbeat_at=now,
            )
    except BadMapping as error:
        raise NotSetUp(str(error)) from None
    except IntegrityError:
        raise AlreadyRunning from None
    wake(run.pk)
    return run


def _since(connection: CrmConnection, digest: str) -> datetime | None:
    """From when on to read changes; None, everything, at first and whenever the mapping is another."""
    connection.refresh_from_db(fields=["synced_until"])
    done = connection.runs.filter(state__in=[SyncRun.State.SUCCEEDED, SyncRun.State.PARTIAL])
    last_digest = done.order_by("-pk").values_list("mapping_digest", flat=True).first()
    if connection.synced_until is None or not connection.updated_since_param or last_digest != digest:
        return None
    return connection.synced_until - OVERLAP


def wake(run_id: int, after_s: float = 0.0) -> None:
    """Queue the next step once the caller has committed. A lost message is made good by the dispatcher."""
    if after_s <= LONGEST_COUNTDOWN_S:
        transaction.on_commit(lambda: _send(run_id, after_s))


def _send(run_id: int, after_s: float) -> None:
    try:
        current_app.send_task("customers.tasks.sync_step", [run_id], countdown=after_s or None, retry=False)
    except (OperationalError, OSError):
        log.warning("sync_wake_up_not_sent", run=run_id)


def step(run_id: int, deadline: float) -> float | None:
    """Work the run forward until `deadline` (monotonic): the seconds until its next step, None for none.

    Safe to call at any time and by several at once: only one of them gets the run.
    """
    run = runs.claim(run_id)
    if run is None:
        return None
    try:
        return _read_pages(run, deadline)
    except runs.LeaseLost:
        log.warning("sync_step_fenced_out", run=run_id, page=run.page_no)
        return None


def _read_pages(run: SyncRun, deadline: float) -> float | None:
    try:
        mappings = mappings_of(run.connection)
        while monotonic() < deadline:
            run.refresh_from_db(fields=["cancel_requested"])
            if run.cancel_requested:
                runs.finish(run, SyncRun.State.CANCELLED)
                return None
            if _take(run, _fetch(run), mappings):
                return None
    except CrmUnavailable as error:
        log.warning("sync_put_off", run=run.pk, page=run.page_no, reason=error.code)
        return runs.put_off(run, str(error), error.retry_after)
    except (CrmRejected, BadMapping) as error:
        log.warning("sync_failed", run=run.pk, page=run.page_no, reason=type(error).__name__)
        runs.finish(run, SyncRun.State.FAILED, str(error))
        return None
    runs.release(run)
    return 0.0


def _fetch(run: SyncRun) -> Page:
    connector = CONNECTORS[run.connection.connector]
    page = connector.fetch_page(config_of(run.connection), run.cursor, run.since, run.upper_bound)
    if page.next_cursor is not None and page.next_cursor in (run.cursor, run.anchor_cursor):
        raise PaginationLoop
    return page


def _take(run: SyncRun, page: Page, mappings: Mappings) -> bool:
    """Apply one page and move the run on, all or nothing; whether it was the last."""
    with transaction.atomic():
        runs.advance(run, page.next_cursor or "", _anchor(run, page), page.expected)
        runs.count(run, apply_records(run, page.records, mappings))
        if page.next_cursor is None:
            _succeed(run)
    return page.next_cursor is None


def _anchor(run: SyncRun, page: Page) -> str:
    """The cursor to recognise a circle by: moved at pages 1, 2, 4, 8..., it finds one of any length (Brent)."""
    reached = run.page_no + 1
    return page.next_cursor or "" if reached & (reached - 1) == 0 else run.anchor_cursor


def _succeed(run: SyncRun) -> None:
    rejected = SyncRun.objects.values_list("rejected", flat=True).get(pk=run.pk)
    runs.finish(run, SyncRun.State.PARTIAL if rejected else SyncRun.State.SUCCEEDED)
    CrmConnection.objects.filter(pk=run.connection_id).update(synced_until=run.upper_bound)


def config_of(connection: CrmConnection) -> ConnectionConfig:
    """What a connector needs to know of the connection."""
    return ConnectionConfig(
        url=connection.url,
        token=connection.token,
        records_path=connection.records_path,
        next_cursor_path=connection.next_cursor_path,
        count_path=connection.count_path,
        cursor_param=connection.cursor_param,
        page_size_param=connection.page_size_param,
        page_size=connection.page_size,
        updated_since_param=connection.updated_since_param,
    )


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
