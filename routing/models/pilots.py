"""The draft of a moment, tried on the live line by a few people's own calls."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Pilot(models.Model):
    """A few callers who are decided by the draft as it was when this began; everybody else by the live release.

    Never altered but to end it: what is tried next is another one.
    """

    document = models.TextField(_("document"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    callers = models.JSONField(_("callers"), default=list, help_text=_("Phone numbers with country code."))
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    until = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("ended by")
    )

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        verbose_name = _("pilot")
        verbose_name_plural = _("pilots")

    def __str__(self) -> str:
        return _("Pilot %(number)s") % {"number": self.pk}
