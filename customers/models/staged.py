"""What a sync would do to each customer, and the rows that it could not use."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.people import Customer
from customers.models.syncs import SyncRun
from customers.models.tiers import LoyaltyTier


class StagedRecord(models.Model):
    """What a run would do to one customer. Nothing is altered before all of them have been judged."""

    class Operation(models.TextChoices):
        CREATE = "create", _("new")
        CHANGE = "change", _("changed")
        TOUCH = "touch", _("the record differs, the customer does not")
        UNCHANGED = "unchanged", _("unchanged")
        REJECT = "reject", _("set aside")
        DELETE = "delete", _("gone from the CRM")

    APPLIED = ("create", "change", "touch", "delete")
    """Operations that leave something to be written."""

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="staged", verbose_name=_("sync run"), db_index=False)
    external_id = models.CharField(_("id in the CRM"), max_length=120)
    fingerprint = models.CharField(max_length=64, blank=True, help_text=_("Hash of the record as it came."))
    operation = models.CharField(_("what would happen"), max_length=10, choices=Operation)
    mapped = models.JSONField(
        _("what the record says"), default=dict, help_text=_("Values by field, attribute and kind of handle.")
    )
    # Plain keys: a million of them are written each night, and the rows live until the next run.
    customer = models.ForeignKey(
        Customer,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("customer"),
    )
    old_tier = models.ForeignKey(
        LoyaltyTier,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("tier now"),
    )
    new_tier = models.ForeignKey(
        LoyaltyTier,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("tier then"),
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("staged change")
        verbose_name_plural = _("staged changes")
        constraints = [models.UniqueConstraint(fields=["run", "external_id"], name="record_staged_once_for_each_run")]
        indexes = [
            models.Index(
                fields=["run", "id"],
                condition=Q(operation__in=("create", "change", "touch", "delete")),
                name="staged_to_be_applied",
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class RejectedRow(models.Model):
    """A record of the CRM that could not be used: which one, which field, and why."""

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="rejects", verbose_name=_("sync run"))
    external_id = models.CharField(_("id in the CRM"), max_length=120, blank=True)
    field = models.CharField(_("field"), max_length=80)
    reason = models.CharField(_("reason"), max_length=200)
    page_no = models.PositiveIntegerField(_("page"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("row set aside")
        verbose_name_plural = _("rows set aside")
        indexes = [models.Index(fields=["external_id"], name="row_set_aside_by_its_id")]

    def __str__(self) -> str:
        return f"{self.external_id}: {self.field}"
