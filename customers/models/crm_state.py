"""What the connections hold between two questions: granted tokens, places to go on from, lists that were handed in."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from customers.models.connections import CrmConnection


class CrmToken(models.Model):
    """What a CRM's token server granted us.

    Not on the connection's row: saving its form must not bring an old token back.
    """

    connection = models.OneToOneField(CrmConnection, models.CASCADE, related_name="granted")
    access_token = EncryptedTextField(blank=True, default="")
    refresh_token = EncryptedTextField(
        blank=True, default="", help_text=_("May be good for one use only: each answer can bring the next one.")
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    renewing_until = models.DateTimeField(
        null=True, blank=True, help_text=_("Held by one who asks for a new token; the others wait for his.")
    )

    class Meta:
        verbose_name = _("granted token")
        verbose_name_plural = _("granted tokens")

    def __str__(self) -> str:
        return str(self.connection)


class CrmBookmark(models.Model):
    """Where a CRM said that the changes after a run begin. Good once a run up to `until` has succeeded."""

    connection = models.ForeignKey(CrmConnection, models.CASCADE, related_name="bookmarks")
    until = models.DateTimeField()
    value = EncryptedTextField(help_text=_("As the CRM gave it."))

    class Meta:
        ordering = ["-until"]
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
        constraints = [models.UniqueConstraint(fields=["connection", "until"], name="one_bookmark_for_each_run")]

    def __str__(self) -> str:
        return f"{self.connection} {self.until}"


class UploadedList(models.Model):
    """A list that a supervisor pasted or uploaded; kept until its run has read it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    connection = models.ForeignKey(CrmConnection, models.CASCADE, null=True, blank=True, related_name="uploads")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    content = EncryptedTextField(help_text=_("The text as it was handed in."))
    is_whole = models.BooleanField(default=False, db_default=False, help_text=_("Who is not in it has left the list."))

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("uploaded list")
        verbose_name_plural = _("uploaded lists")

    def __str__(self) -> str:
        return str(self.created_at)
