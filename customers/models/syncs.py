"""What each sync did, and how far it is."""

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
        HELD = "held", _("held: a person has to decide")
        SUCCEEDED = "succeeded", _("succeeded")
        PARTIAL = "partial", _("succeeded, some rows set aside")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        PREVIEWED = "previewed", _("previewed, nothing altered")
        DECLINED = "declined", _("declined by a person")
        EXPIRED = "expired", _("not decided before the next sync")
        PUSHED = "pushed", _("single customers, as the CRM told us of them")

    class Phase(models.TextChoices):
        READING = "reading", _("reading the CRM")
        JUDGING = "judging", _("comparing with what we know")
        APPLYING = "applying", _("applying the changes")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("schedule")
        MANUAL = "manual", _("started by hand")
        TIERS = "tiers", _("tiers computed anew")
        PUSH = "push", _("told by the CRM")

    UNFINISHED = ("queued", "running", "waiting")
    GOOD = ("succeeded", "partial")

    connection = models.ForeignKey(CrmConnection, models.CASCADE, related_name="runs", verbose_name=_("CRM connection"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase, default=Phase.READING, db_default=Phase.READING)
    is_dry = models.BooleanField(
        _("preview only"), default=False, db_default=False, help_text=_("Shows what would change and alters nothing.")
    )
    trigger = models.CharField(_("started by"), max_length=10, choices=Trigger)
    slot = models.CharField(
        max_length=40, blank=True, db_default="", help_text=_("Which night a scheduled run is for: it runs once.")
    )
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
    page_offset = models.PositiveIntegerField(
        db_default=0, default=0, help_text=_("Records of the page in hand that are staged already.")
    )
    most_at_once = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Records taken at once, after steps that broke down over more of them.")
    )
    restarts = models.PositiveIntegerField(
        _("restarts at this position"), db_default=0, default=0, help_text=_("Steps that broke down here.")
    )
    is_complete = models.BooleanField(
        _("is complete"),
        default=True,
        db_default=True,
        help_text=_("Every page said it was whole: who is missing is gone."),
    )
    applied_key = models.BigIntegerField(
        _("applied up to"),
        default=0,
        db_default=0,
        help_text=_("The staged record up to which changes have been applied."),
    )
    phase_started_at = models.DateTimeField(null=True, blank=True)
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
    repeated = models.PositiveIntegerField(_("seen twice"), default=0, db_default=0)
    deleted = models.PositiveIntegerField(_("gone from the CRM"), default=0, db_default=0)
    tier_changes = models.PositiveIntegerField(_("tier changes"), default=0)
    emptied = models.JSONField(
        default=dict, blank=True, null=True, help_text=_("Customers for whom a field has become empty, by field.")
    )
    planned = models.JSONField(
        default=dict, blank=True, null=True, help_text=_("What the comparison found: how many of each kind.")
    )
    guards = models.JSONField(
        default=list, blank=True, null=True, help_text=_("Which safeguards hold the run, with their figures.")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=300, blank=True, db_default="")
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        permissions = [("approve_syncrun", _("Can approve or decline a sync that is held"))]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "slot"],
                condition=~Q(slot=""),
                name="one_scheduled_run_for_each_night",
                violation_error_message=_("This night's sync has been started already."),
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=("queued", "running", "waiting")),
                name="one_unfinished_run_for_each_connection",
                violation_error_message=_("A sync of this CRM is running already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection} #{self.pk}"
