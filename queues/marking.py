"""Whatever is true of a queue at once is marked for the decide plane, in the transaction that writes it.

By signals for the reason that customers/marking.py gives: every way to `save()` or `delete()` must mark.
Writers that go past instances (`update()`, `bulk_create()`) mark what they touch themselves.
"""

from django.db.models.signals import post_delete, post_save, pre_save

from contactcenter.foundation import changes
from queues.models import AccountManager, QueueState, Switch


def _state_changed(instance: QueueState, **_: object) -> None:
    changes.mark(changes.STATE, [f"queue:{instance.queue.slug}"])


def _switch_changed(instance: Switch, **_: object) -> None:
    changes.mark(changes.STATE, [f"switch:{instance.pk}"])


def _manager_about_to_change(instance: AccountManager, **_: object) -> None:
    before = AccountManager.objects.filter(pk=instance.pk).values_list("slug", flat=True)
    changes.mark(changes.STATE, [f"manager:{slug}" for slug in before])


def _manager_changed(instance: AccountManager, **_: object) -> None:
    changes.mark(changes.STATE, [f"manager:{instance.slug}"])


def connect() -> None:
    """Start marking; once, when Django is ready."""
    pre_save.connect(_manager_about_to_change, sender=AccountManager)
    for written in (post_save, post_delete):
        written.connect(_state_changed, sender=QueueState)
        written.connect(_switch_changed, sender=Switch)
        written.connect(_manager_changed, sender=AccountManager)
