"""What was published, and when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Release(models.Model):
    """The whole configuration as it was published: numbered, checksummed, never altered.

    The release with the highest number is the live one; rolling back publishes an old document again.
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    document = models.TextField(_("document"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    note = models.CharField(_("note"), max_length=200, help_text=_("What changed and why, for your colleagues."))
    rolled_back_from = models.PositiveIntegerField(_("contents of release"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
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
