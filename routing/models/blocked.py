"""Whose calls are turned away, and who is never turned away."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from queues.models import Queue
from routing.callers import LET_THROUGH, REJECT, TO_QUEUE


class BlockedCaller(models.Model):
    """A number, or all numbers that begin alike, whose calls are treated like this until a time. True at once."""

    class Treatment(models.TextChoices):
        REJECTED = REJECT, _("turn the call away")
        SENT = TO_QUEUE, _("send the call to a queue")
        NEVER = LET_THROUGH, _("never block: let the call through")

    number = models.CharField(
        _("number"), max_length=16, db_index=True, help_text=_("With country code, such as +39 333 123 4567.")
    )
    is_prefix = models.BooleanField(
        _("all numbers that begin like this"), default=False, help_text=_("Needs at least 6 digits.")
    )
    treatment = models.CharField(
        _("what happens"),
        max_length=12,
        choices=Treatment,
        default=Treatment.REJECTED,
        help_text=_("“Never block” wins over every other entry: for emergency test callers, for example."),
    )
    queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("to the queue"),
        help_text=_("Only when the call is sent to a queue. The queue must be published."),
    )
    reason = models.CharField(_("reason"), max_length=200, help_text=_("For the colleagues who will ask."))
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: for good."))
    created_at = models.DateTimeField(_("listed"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=pgettext_lazy("who did it", "by"),
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("blocked caller")
        verbose_name_plural = _("blocked callers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(treatment="queue") | Q(queue__isnull=False),
                name="blocked_caller_is_sent_to_a_queue",
                violation_error_message=_("Say to which queue the call is sent."),
            )
        ]

    def __str__(self) -> str:
        # Without the number: this is written into logs of what was done.
        return _("Entry %(number)s of the blocked callers") % {"number": self.pk}

    @property
    def shown(self) -> str:
        """The number, or how all of them begin."""
        return f"{self.number}…" if self.is_prefix else self.number

    def in_force(self, now: datetime | None = None) -> bool:
        """Whether calls are treated like this at `now`."""
        return self.until is None or (now or timezone.now()) < self.until
