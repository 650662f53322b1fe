"""What each sync did."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.connections import CrmConnection


class SyncRun(models.Model):
    """One reading of a CRM. The row is the truth; a Celery message only wakes a worker up for it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to start")
        RUNNING = "running", _("running")
        WAITING = "waiting", _("waiting for the CRM")
        SUCCEEDED = "succeeded", _("succeeded")
        PARTIAL = "partial", _("succeeded, some rows set aside")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("schedule")
        MANUAL = "manual", _("started by hand")

    UNFINISHED = ("queued", "running", "waiting")

    connection = models.ForeignKey(CrmConnection, models.CASCADE, related_name="runs", verbose_name=_("CRM connection"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False)
    since = models.DateTimeField(_("changes since"), null=True, blank=True)
    upper_bound = models.DateTimeField(_("changes until"))
    cursor = models.TextField(_("position in the CRM"), blank=True)
    anchor_cursor = models.TextField(blank=True, help_text=_("An earlier position: met again, the CRM is in a loop."))
    mapping_digest = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("Which mapping was used: another one makes the next run read everything."),
    )
    page_no = models.PositiveIntegerField(_("pages read"), default=0)
    lease_token = models.CharField(max_length=36, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failed tries in a row"), default=0)
    cancel_requested = models.BooleanField(default=False)
    expected = models.PositiveIntegerField(_("customers expected"), null=True, blank=True)
    read = models.PositiveIntegerField(_("read"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("set aside"), default=0)
    tier_changes = models.PositiveIntegerField(_("tier changes"), default=0)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=("queued", "running", "waiting")),
                name="one_unfinished_run_for_each_connection",
                violation_error_message=_("A sync of this CRM is running already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection} #{self.pk}"


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

    def __str__(self) -> str:
        return f"{self.external_id}: {self.field}"
