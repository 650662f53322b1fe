"""Provider accounts, API keys and listed callers are marked for the decide plane, in the transaction that writes them.

By signals for the reason that customers/marking.py gives: every way to `save()` or `delete()` must mark.
"""

from django.db.models.signals import post_delete, post_save

from contactcenter.foundation import changes
from routing.models import ApiKey, BlockedCaller, Pilot, ProviderAccount


def _account_changed(instance: ProviderAccount, **_: object) -> None:
    changes.mark(changes.ACCESS, [f"account:{instance.uuid}"])


def _key_changed(instance: ApiKey, **_: object) -> None:
    # Its account may be on its way out with it, so it is asked for by id and may be gone.
    uuids = ProviderAccount.objects.filter(pk=instance.account_id).values_list("uuid", flat=True)
    changes.mark(changes.ACCESS, [f"account:{uuid}" for uuid in uuids])


def _pilot_changed(instance: Pilot, **_: object) -> None:
    changes.mark(changes.CALLERS, [f"pilot:{instance.pk}"])


def _block_changed(instance: BlockedCaller, **_: object) -> None:
    changes.mark(changes.CALLERS, [f"block:{instance.pk}"])


def connect() -> None:
    """Start marking; once, when Django is ready."""
    for written in (post_save, post_delete):
        written.connect(_account_changed, sender=ProviderAccount)
        written.connect(_key_changed, sender=ApiKey)
        written.connect(_pilot_changed, sender=Pilot)
        written.connect(_block_changed, sender=BlockedCaller)
