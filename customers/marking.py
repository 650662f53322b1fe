"""Every change made through a model instance is marked for the decide plane, in the same transaction.

Signals are right here, and only here: forms, inlines, actions, commands and cascading deletes all end in
`save()` or `delete()`, none may forget to mark, and a mark alters nothing of what is saved. Writers that
go past instances (`update()`, `bulk_create()`, the sync) mark what they touch themselves.
"""

from django.db.models.signals import post_delete, post_save, pre_save

from contactcenter.foundation import changes
from customers.addresses import handle_key
from customers.facts import mark_customers
from customers.identity import mark_shared
from customers.models import Customer, DataSource, Handle, IdentityPolicy, LoyaltyTier, TierOverride


def _customer_changed(instance: Customer, **_: object) -> None:
    mark_customers([instance.pk])


def _override_changed(instance: TierOverride, **_: object) -> None:
    mark_customers([instance.customer_id])


def _choice_among_several_changed(**_: object) -> None:
    mark_shared()


_PASSES = "_passes_other_tiers"


def _tier_about_to_change(instance: LoyaltyTier, **_: object) -> None:
    """Of ranks only their order counts, and each shared address is dear to mark. A new tier is nobody's yet."""
    before = LoyaltyTier.objects.filter(pk=instance.pk).values_list("rank", flat=True).first()
    bounds = sorted((instance.rank if before is None else before, instance.rank))
    vars(instance)[_PASSES] = LoyaltyTier.objects.filter(rank__range=bounds).exclude(pk=instance.pk).exists()


def _tier_changed(instance: LoyaltyTier, **_: object) -> None:
    if vars(instance).pop(_PASSES):
        mark_shared()


def _handle_about_to_change(instance: Handle, **_: object) -> None:
    # Under its old value the customer must not be found any more.
    before = Handle.objects.filter(pk=instance.pk).values_list("kind", "value")
    changes.mark(changes.FACTS, [handle_key(*old) for old in before])


def _handle_changed(instance: Handle, **_: object) -> None:
    changes.mark(changes.FACTS, [instance.key])


def _source_about_to_change(instance: DataSource, **_: object) -> None:
    before = DataSource.objects.filter(pk=instance.pk).values_list("slug", flat=True)
    changes.mark(changes.ACCESS, [f"source:{slug}" for slug in before])


def _source_changed(instance: DataSource, **_: object) -> None:
    changes.mark(changes.ACCESS, [f"source:{instance.slug}"])


def connect() -> None:
    """Start marking; once, when Django is ready."""
    pre_save.connect(_handle_about_to_change, sender=Handle)
    pre_save.connect(_source_about_to_change, sender=DataSource)
    pre_save.connect(_tier_about_to_change, sender=LoyaltyTier)
    post_save.connect(_tier_changed, sender=LoyaltyTier)
    for written in (post_save, post_delete):
        written.connect(_customer_changed, sender=Customer)
        written.connect(_override_changed, sender=TierOverride)
        written.connect(_handle_changed, sender=Handle)
        written.connect(_choice_among_several_changed, sender=IdentityPolicy)
        written.connect(_source_changed, sender=DataSource)
