"""What somebody should know without looking: conditions that hold, and who is told."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contactcenter.foundation.fields import EncryptedTextField


def condition_kinds() -> list[tuple[str, str | Promise]]:
    """The conditions there are; a callable, so that a new one makes no migration."""
    from customers.alerts.conditions import CONDITIONS  # stands above the models

    return [(kind, condition.label) for kind, condition in CONDITIONS.items()]


class Alert(models.Model):
    """That a condition holds for something, from when to when. One as long as it holds, however often it is seen."""

    condition = models.CharField(pgettext_lazy("what is wrong", "what"), max_length=30, choices=condition_kinds)
    subject = models.CharField(_("where"), max_length=80, blank=True, help_text=_("Short name of the CRM connection."))
    figures = models.JSONField(default=dict, help_text=_("The numbers behind it, when it was raised."))
    raised_at = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["condition", "subject"],
                condition=Q(cleared_at__isnull=True),
                name="one_open_alert_for_each_condition",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_condition_display()}: {self.subject}" if self.subject else self.get_condition_display()


class AlertDestination(models.Model):
    """Who is told of alerts, and that they are over."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        WEBHOOK = "webhook", _("signed webhook")

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("Who that is: the data team."))
    kind = models.CharField(
        pgettext_lazy("how somebody is told", "by"),
        max_length=10,
        choices=Kind,
        default=Kind.EMAIL,
        help_text=_("How they are told."),
    )
    address = models.CharField(
        _("address"), max_length=300, help_text=_("data@example.com, or https://chat.example.com/hooks/alerts")
    )
    secret = EncryptedTextField(
        _("secret"),
        blank=True,
        default="",
        help_text=_("For a webhook: whsec_ and base64, by Standard Webhooks. Never shown again."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True, help_text=_("Off: is told nothing."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("alert destination")
        verbose_name_plural = _("alert destinations")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind == self.Kind.WEBHOOK and not self.secret:
            raise ValidationError({"secret": _("A webhook is signed: it needs a secret.")})


class AlertNotice(models.Model):
    """One destination is to be told that an alert was raised, or is over."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("raised")
        CLEARED = "cleared", _("over")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="notices")
    destination = models.ForeignKey(AlertDestination, models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("what went wrong"), max_length=80, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-due_at"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notice_that_waits")]

    def __str__(self) -> str:
        return f"{self.alert}: {self.get_kind_display()}"


class Heartbeat(models.Model):
    """When something that must never stop was last seen to work."""

    BEAT = "beat"

    name = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
