"""What each sync did, what it would do, and what it may do by itself."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.connections import CrmConnection
from customers.models.people import Customer
from customers.models.tiers import LoyaltyTier


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


class Safeguards(models.Model):
    """How much one sync may alter by itself; beyond it the run is held until a person has decided."""

    class WhenGone(models.TextChoices):
        REMOVE_TIER = "tier", _("take the tier away")
        KEEP = "keep", _("keep everything")

    connection = models.OneToOneField(
        CrmConnection,
        models.CASCADE,
        related_name="safeguards",
        verbose_name=_("CRM connection"),
        help_text=_("Whose syncs these limits are for."),
    )
    tier_lost_percent = models.PositiveSmallIntegerField(
        _("customers who lose their tier, %"),
        default=5,
        validators=[MaxValueValidator(100)],
        help_text=_("Of those who have one. Held when more, and more than the number beside it, would have none."),
    )
    tier_lost_at_least = models.PositiveIntegerField(
        _("but at least"), default=50, help_text=_("Fewer customers than this never hold a run.")
    )
    tier_changed_percent = models.PositiveSmallIntegerField(
        _("customers who change tier, %"),
        default=30,
        validators=[MaxValueValidator(100)],
        help_text=_("Of all customers known from this CRM."),
    )
    deleted_percent = models.PositiveSmallIntegerField(
        _("customers gone from the CRM, %"),
        default=2,
        validators=[MaxValueValidator(100)],
        help_text=_("Of all customers known from this CRM."),
    )
    rejected_percent = models.PositiveSmallIntegerField(
        _("rows set aside, %"),
        default=5,
        validators=[MaxValueValidator(100)],
        help_text=_("Of the records read."),
    )
    read_percent = models.PositiveSmallIntegerField(
        _("records read, % of last time"),
        default=80,
        validators=[MaxValueValidator(100)],
        help_text=_("Held when a full read brings less than this share of the last one."),
    )
    emptied_points = models.PositiveSmallIntegerField(
        _("a field suddenly empty, % points"),
        default=20,
        validators=[MaxValueValidator(100)],
        help_text=_("Held when a mapped field becomes empty for more than this share of the customers."),
    )
    when_gone = models.CharField(
        _("a customer gone from the CRM"),
        max_length=4,
        choices=WhenGone,
        default=WhenGone.REMOVE_TIER,
        help_text=_("Done when two complete syncs in a row did not find the customer. Nobody is ever deleted."),
    )

    class Meta:
        verbose_name = _("safeguards")
        verbose_name_plural = _("safeguards")

    def __str__(self) -> str:
        return str(self.connection)


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
