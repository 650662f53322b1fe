"""“Compute tiers now”: a run that reads nothing, and is judged, previewed, held and applied like any other."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers import runs, sync
from customers.models import CrmConnection, SyncRun
from customers.tiering.policies import policy_of


class NothingToCompute(sync.CannotStart):
    """No policy, or nobody known from this CRM yet."""

    def __str__(self) -> str:
        return _("There is nothing to compute: choose where the tier comes from, and sync this CRM once.")


def start(connection: CrmConnection, by: int | None = None, *, is_dry: bool = False) -> SyncRun:
    """A new run that begins with judging; `by` is the id of the user who asked. Raises sync.CannotStart.

    It promises to have read what the last good sync has, no more: the next one goes on from there.
    """
    connection.refresh_from_db(fields=["synced_until"])
    last = connection.runs.filter(state__in=SyncRun.GOOD).order_by("-pk").first()
    if policy_of(connection.pk) is None or last is None or connection.synced_until is None:
        raise NothingToCompute
    now = timezone.now()
    try:
        with transaction.atomic():
            runs.expire_held(connection.pk)
            run = SyncRun.objects.create(
                connection=connection,
                trigger=SyncRun.Trigger.TIERS,
                started_by_id=by,
                is_dry=is_dry,
                phase=SyncRun.Phase.JUDGING,
                phase_started_at=now,
                since=connection.synced_until,
                upper_bound=connection.synced_until,
                mapping_digest=last.mapping_digest,
                heartbeat_at=now,
            )
    except IntegrityError:
        raise sync.AlreadyRunning from None
    sync.wake(run.pk)
    return run
