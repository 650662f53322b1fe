"""manage.py sync_customers <connection>: read a CRM now, through Celery like every night, or here."""

from argparse import ArgumentParser
from time import monotonic, sleep
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from contactcenter.foundation.commands import OperatorCommand
from customers import sync
from customers.models import CrmConnection, SyncRun

LOOK_EVERY_S = 0.5


class Command(OperatorCommand):
    help = "Start a sync of a CRM connection, as a Celery worker will carry it out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("connection", help="Short name of the CRM connection.")
        parser.add_argument("--wait", action="store_true", help="Return when it is over; fails if the sync failed.")
        parser.add_argument("--timeout", type=float, default=600.0, help="Seconds that --wait waits at most.")
        parser.add_argument("--here", action="store_true", help="Work in this process, without Celery.")

    def handle(self, *args: Any, connection: str, wait: bool, timeout: float, here: bool, **options: Any) -> None:
        run = self._start(connection)
        ends_at = monotonic() + timeout
        if here:
            _work(run, ends_at)
        if wait or here:
            self._report(_outcome(run, ends_at))
        else:
            self.stdout.write(_("Sync %(run)s is queued.") % {"run": run.pk})

    def _start(self, slug: str) -> SyncRun:
        try:
            return sync.start(CrmConnection.objects.get(slug=slug), SyncRun.Trigger.MANUAL)
        except CrmConnection.DoesNotExist:
            raise CommandError(_("There is no CRM connection of this short name.")) from None
        except sync.CannotStart as reason:
            raise CommandError(str(reason)) from None

    def _report(self, run: SyncRun) -> None:
        counters = f"read {run.read}, new {run.created}, changed {run.changed}, set aside {run.rejected}"
        if run.state not in (SyncRun.State.SUCCEEDED, SyncRun.State.PARTIAL):
            raise CommandError(f"{run.get_state_display()}. {run.error} ({counters})")
        self.stdout.write(f"{run.get_state_display()}: {counters}")


def _work(run: SyncRun, ends_at: float) -> None:
    """Step the run until it is over. Should a worker get its message first, we only watch."""
    pause_s = sync.step(run.pk, ends_at)
    while pause_s is not None and monotonic() + pause_s < ends_at:
        sleep(pause_s)
        pause_s = sync.step(run.pk, ends_at)


def _outcome(run: SyncRun, ends_at: float) -> SyncRun:
    while monotonic() < ends_at:
        run.refresh_from_db()
        if run.state not in SyncRun.UNFINISHED:
            return run
        sleep(LOOK_EVERY_S)
    raise CommandError(_("The sync has not ended in time; it goes on."))
