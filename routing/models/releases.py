"""What was published, and when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Release(models.Model):
    """The whole configuration as it was published: numbered, checksummed, never altered.

    The release with the highest number is the live one; rolling back publishes an old document again.
    """

    number = models.PositiveIntegerField(pgettext_lazy("of a release", "number"), unique=True)
    document = models.TextField(_("document"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    note = models.CharField(_("note"), max_length=200, help_text=_("What changed and why, for your colleagues."))
    rolled_back_from = models.PositiveIntegerField(_("contents of release"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=pgettext_lazy("who did it", "by"),
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        permissions = [
            ("publish_release", _("Can publish the draft")),
            ("rollback_release", _("Can roll back to an earlier release")),
        ]

    def __str__(self) -> str:
        return _("Release %(number)s") % {"number": self.number}


class PlannedRelease(models.Model):
    """A document that goes live at a time, and perhaps back at another: “silver to VIP until 18:00”."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        LIVE = "live", _("live until its end")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("not done")

    document = models.TextField(_("document"))
    note = models.CharField(_("note"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    starts_at = models.DateTimeField(_("goes live"))
    ends_at = models.DateTimeField(_("goes back"), null=True, blank=True)
    based_on = models.PositiveIntegerField(_("planned while this release was live"), null=True)
    release = models.PositiveIntegerField(_("became release"), null=True)
    problem = models.CharField(_("why not"), max_length=300, blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("planned by")
    )
    planned_at = models.DateTimeField(_("planned"), auto_now_add=True)

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = _("planned release")
        verbose_name_plural = _("planned releases")
        # Almost all are done; those with something ahead are found without reading them.
        indexes = [
            models.Index(
                fields=["starts_at"],
                name="plan_with_something_ahead",
                condition=models.Q(state__in=["waiting", "live"]),
            )
        ]

    def __str__(self) -> str:
        return self.note
