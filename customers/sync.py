"""Reads a CRM, judges what that would alter, and applies it: `start` a run, then `step` it forward.

A step may be killed at any moment and repeated at any time: each page, the judgement and each batch of
changes are one transaction, and the run is found where it had come to. No transaction is open while the
CRM is asked.
"""

from datetime import datetime, timedelta
from time import monotonic
from traceback import extract_tb

from celery import current_app
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from contactcenter.foundation.logs import logger
from customers import applying, judging, reading, runs
from customers.crm import CrmRejected, CrmUnavailable
from customers.crm.mapping import BadMapping
from customers.models import CrmConnection, SyncRun
from customers.reading import mappings_of

STEP_S = 50.0
"""What one step works before it makes room for others; with a page in hand well below Celery's soft limit."""

LAG = timedelta(seconds=120)
"""Left out at the end of what a run promises to have read: a CRM may commit late what it has stamped already."""

OVERLAP = timedelta(minutes=10)
"""Read again by the next run, against late commits and clocks that differ; an unchanged record costs nothing."""

RESTART_S = 2.0
"""After a step that broke down: time for whatever it was to pass."""

State, Phase = SyncRun.State, SyncRun.Phase

log = logger(__name__)


class CannotStart(Exception):
    """This CRM is not to be read now; the text says why, for a supervisor."""


class AlreadyRunning(CannotStart):
    """A sync of this connection has not ended yet."""

    def __str__(self) -> str:
        return _("A sync of this CRM is running already.")


class AlreadyDone(CannotStart):
    """This night's sync has been started already: by another scheduler, or an hour that the clock repeats."""

    def __str__(self) -> str:
        return _("This night's sync has been started already.")


class Disabled(CannotStart):
    """The connection is switched off."""

    def __str__(self) -> str:
        return _("This CRM connection is switched off.")


class NotSetUp(CannotStart):
    """A mapping of the connection cannot be used; the text says which."""


def start(
    connection: CrmConnection, trigger: str, by: int | None = None, *, is_dry: bool = False, slot: str = ""
) -> SyncRun:
    """A new run, queued; `by` is the id of the user who asked. Raises CannotStart, saying why by its class.

    A dry run alters nothing: it ends with what it would do. For one `slot` of a schedule there is one run.
    """
    if not connection.is_enabled:
        raise Disabled
    now = timezone.now()
    try:
        digest = mappings_of(connection).digest()
        with transaction.atomic():  # the database's own constraint decides between two who start at once
            runs.expire_held(connection.pk)
            run = SyncRun.objects.create(
                connection=connection,
                trigger=trigger,
                started_by_id=by,
                is_dry=is_dry,
                slot=slot,
                since=_since(connection, digest),
                upper_bound=now - LAG,
                mapping_digest=digest,
                heartbeat_at=now,
            )
    except BadMapping as error:
        raise NotSetUp(str(error)) from None
    except IntegrityError:
        running = connection.runs.filter(state__in=SyncRun.UNFINISHED).exists()
        raise (AlreadyRunning if running or not slot else AlreadyDone) from None
    wake(run.pk)
    return run


def _since(connection: CrmConnection, digest: str) -> datetime | None:
    """From when on to read changes; None, everything, at first and whenever the mapping is another."""
    connection.refresh_from_db(fields=["synced_until"])
    done = connection.runs.filter(state__in=SyncRun.GOOD)
    last_digest = done.order_by("-pk").values_list("mapping_digest", flat=True).first()
    if connection.synced_until is None or not connection.reads_changes or last_digest != digest:
        return None
    return connection.synced_until - OVERLAP


def wake(run_id: int) -> None:
    """Queue the next step once the caller has committed. A lost message is made good by the dispatcher."""
    transaction.on_commit(lambda: _send(run_id))


def _send(run_id: int) -> None:
    try:
        current_app.send_task("customers.tasks.sync_step", [run_id], retry=False)
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
        return _work(run, deadline)
    except runs.LeaseLost:
        log.warning("sync_step_fenced_out", run=run_id, page=run.page_no)
        return None
    except Exception as error:  # noqa: BLE001 - whatever it was, the run has to survive it, and says where it was
        log.error("sync_step_broke_down", run=run_id, phase=run.phase, page=run.page_no, reason=_where(error))
        return _after_breakdown(run)


def _work(run: SyncRun, deadline: float) -> float | None:
    work = {Phase.READING: reading.read_on, Phase.JUDGING: judging.judge, Phase.APPLYING: applying.apply_on}
    try:
        mappings = mappings_of(run.connection)
        while monotonic() < deadline:
            work[Phase(run.phase)](run, mappings)
            if run.state not in SyncRun.UNFINISHED:
                return None
    except CrmUnavailable as error:
        log.warning("sync_put_off", run=run.pk, page=run.page_no, reason=error.code)
        return runs.put_off(runs.as_it_is(run), str(error), error.retry_after)
    except (CrmRejected, BadMapping) as error:
        log.warning("sync_failed", run=run.pk, page=run.page_no, reason=type(error).__name__)
        runs.finish(runs.as_it_is(run), State.FAILED, str(error))
        return None
    runs.release(run)
    return 0.0


def _after_breakdown(run: SyncRun) -> float | None:
    try:
        again = runs.broke_down(runs.as_it_is(run), RESTART_S)
    except (runs.LeaseLost, DatabaseError):
        return None  # the dispatcher finds it
    return RESTART_S if again else None


def _where(error: Exception) -> str:
    """The kind of the error and the line it came from; its text may hold a customer's data."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename.rsplit('/', 1)[-1]}:{last.lineno}"
