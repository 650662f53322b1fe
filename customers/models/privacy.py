"""Who is to stay forgotten, which erasures there were, and how far forgetting by age has come."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField


class Suppression(models.Model):
    """A keyed hash of an address or of an id in a CRM: whoever comes with it is not taken in again."""

    digest = models.CharField(max_length=64, primary_key=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")

    def __str__(self) -> str:
        return self.digest[:8]


class Erasure(models.Model):
    """That somebody was erased. By what he is known is kept, encrypted, until every host and late row has met it."""

    pseudonym = models.CharField(_("in decisions now called"), max_length=32, unique=True)
    identifiers = EncryptedTextField(blank=True, default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    created_at = models.DateTimeField(_("erased"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    searched_to = models.BigIntegerField(default=0, help_text=_("Decisions up to this one have been gone through."))
    counts = models.JSONField(_("what was erased"), default=dict, help_text=_("Rows by table."))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        permissions = [
            ("erase_person", _("Can erase a person everywhere")),
            ("export_person", _("Can export everything known of a person")),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class RetentionMark(models.Model):
    """How far one job of forgetting has come, so that it need not look at what it has done."""

    job = models.CharField(max_length=40, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.job
