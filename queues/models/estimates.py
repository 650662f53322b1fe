"""What callers were estimated to wait, and what they waited: how good the estimates are."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from queues.estimating import ESTIMATED, REPORTED


class EstimateOrigin(models.TextChoices):
    """Whose estimate it is."""

    REPORTED = REPORTED, _("the phone system's own")
    ESTIMATED = ESTIMATED, _("ours")


class WaitEstimate(models.Model):
    """What somebody who called at a moment could expect to wait. Kept for as long as callers wait; no person."""

    queue = models.CharField(_("queue"), max_length=50)
    at = models.DateTimeField(_("when"))
    seconds = models.PositiveIntegerField(_("estimated wait (s)"))
    origin = models.CharField(_("whose"), max_length=10, choices=EstimateOrigin)

    class Meta:
        verbose_name = _("estimated wait")
        verbose_name_plural = _("estimated waits")
        indexes = [models.Index(fields=["queue", "at"], name="wait_estimate_by_time")]

    def __str__(self) -> str:
        return f"{self.queue}: {self.seconds} s"


class ReportedWait(models.Model):
    """How long one caller waited, and what was estimated when he called. The last ones of a queue; no person."""

    queue = models.CharField(_("queue"), max_length=50)
    answered_at = models.DateTimeField(_("answered at"))
    waited_s = models.FloatField(_("wait (s)"))
    estimated_s = models.PositiveIntegerField(_("estimated wait (s)"), null=True)
    origin = models.CharField(_("whose estimate"), max_length=10, choices=EstimateOrigin, blank=True)

    class Meta:
        verbose_name = _("reported wait")
        verbose_name_plural = _("reported waits")
        constraints = [
            # Reports may come twice. Two callers with the same numbers are one to us: it is only about averages.
            models.UniqueConstraint(fields=["queue", "answered_at", "waited_s"], name="reported_wait_once")
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.waited_s:.0f} s"
