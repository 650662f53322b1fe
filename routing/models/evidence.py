"""What was decided and what came of it: evidence, shipped here by the couriers and never edited."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """One contact's answer with everything needed to explain it. Slugs and a release number, no foreign key."""

    decision_id = models.CharField(_("decision id"), max_length=32, unique=True)
    account = models.CharField(_("provider account"), max_length=36, db_index=True)
    call_id = models.CharField(_("call id"), max_length=128, db_index=True)
    channel = models.CharField(_("channel"), max_length=10)
    number = models.CharField(_("number"), max_length=64)
    caller = models.CharField(_("caller"), max_length=128, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    release = models.PositiveIntegerField(_("release"), null=True)
    flow = models.CharField(_("flow"), max_length=50, blank=True)
    branch = models.CharField(_("branch"), max_length=50, blank=True)
    queue = models.CharField(_("queue"), max_length=50, blank=True)
    tier = models.CharField(_("tier"), max_length=50, blank=True)
    reason = models.CharField(_("reason"), max_length=20)
    degraded = models.JSONField(_("degraded"), default=list)
    decided_at = models.DateTimeField(_("decided at"), db_index=True)
    host = models.CharField(_("decide host"), max_length=64, blank=True)
    document = models.JSONField(_("details"), help_text=_("The answer and the variables it was decided by."))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        permissions = [("view_callers", _("Can see callers' numbers in clear"))]
        # A rare queue or reason is found without walking the whole table.
        indexes = [
            models.Index(fields=["queue", "-id"], name="decision_by_queue"),
            models.Index(fields=["reason", "-id"], name="decision_by_reason"),
            models.Index(fields=["caller", "-id"], name="decision_by_caller"),
        ]

    def __str__(self) -> str:
        return self.decision_id


class NumberUse(models.Model):
    """Whether a number of the live release is in use: its first and its last contact, and where they went."""

    key = models.CharField(_("number"), max_length=80, unique=True, help_text=_("As in the release: channel:address."))
    live_since = models.DateTimeField(_("live since"), null=True)
    first_at = models.DateTimeField(_("first contact"), null=True)
    first_queue = models.CharField(_("went to"), max_length=50, blank=True)
    last_at = models.DateTimeField(_("last contact"), null=True)
    last_queue = models.CharField(_("went to"), max_length=50, blank=True)

    class Meta:
        ordering = ["key"]
        verbose_name = _("use of a number")
        verbose_name_plural = _("use of numbers")

    def __str__(self) -> str:
        return self.key


class ContactEvent(models.Model):
    """What a provider or phone system told us of a contact after the decision."""

    event_id = models.CharField(_("event id"), max_length=64, unique=True)
    decision_id = models.CharField(_("decision id"), max_length=32, blank=True, db_index=True)
    call_id = models.CharField(_("call id"), max_length=128, blank=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=30)
    queue = models.CharField(_("queue"), max_length=50, blank=True)
    happened_at = models.DateTimeField(_("when"), db_index=True)
    document = models.JSONField(_("details"), default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("contact event")
        verbose_name_plural = _("contact events")

    def __str__(self) -> str:
        return self.kind
