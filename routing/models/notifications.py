"""Third parties that hear, after the answer, of contacts that took a branch."""

import base64

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from routing.models.messaging import Outgoing

SHORTEST_SECRET, LONGEST_SECRET = 24, 64
"""Bytes of a signing secret, as Standard Webhooks has them."""


def webhook_secret(value: str) -> None:
    """Refuses what is no signing secret of Standard Webhooks: whsec_ and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(value.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not value.startswith("whsec_") or not SHORTEST_SECRET <= len(key) <= LONGEST_SECRET:
        raise ValidationError(_("Type whsec_ and 24 to 64 bytes in base64, as Standard Webhooks writes a secret."))


class NotificationTarget(models.Model):
    """A system that is told by a signed webhook. Its address, secret and switch are true at once."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it: Key accounts."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    url = models.CharField(
        _("address"),
        max_length=500,
        default="",
        validators=[URLValidator(schemes=["https"])],
        help_text=_("Where the webhook goes: https://events.example.com/calls"),
    )
    secret = EncryptedTextField(
        _("signing secret"),
        blank=True,
        default="",
        validators=[webhook_secret],
        help_text=_("Begins with whsec_. The receiver checks by it that the webhook is ours. Not shown again."),
    )
    with_caller = models.BooleanField(
        _("say who called"),
        default=False,
        help_text=_("On: the customer's number, or his id on the platform, is told too."),
    )
    is_enabled = models.BooleanField(
        _("enabled"), default=True, help_text=_("Off: nothing is sent, and what happens meanwhile is not sent later.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("notification target")
        verbose_name_plural = _("notification targets")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses a target that could never be told: every webhook is signed."""
        if not self.secret:
            raise ValidationError({"secret": _("Every webhook is signed: type the secret that the receiver knows.")})


class Notification(Outgoing):
    """One decision that a third party is told of. What it is told is read from the decision when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        UNWANTED = "unwanted", _("not sent: the target was switched off")
        DEAD = "dead", _("given up")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    target = models.CharField(_("notification target"), max_length=50)

    class Meta(Outgoing.Meta):
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        permissions = [("resend_notification", _("Can send a notification again"))]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notification_waiting"),
            models.Index(fields=["state", "-id"], name="notification_by_state"),
            models.Index(fields=["created_at"], name="notification_by_day"),
        ]
