"""The people who log in, and the links that let one of them in once."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.models import Team


def languages() -> list[tuple[str, str]]:
    """The languages of the portal; a callable, so that a new one makes no migration."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


class User(AbstractUser):
    """A person with a login: ours from the first migration, so that it can grow fields of its own."""

    teams = models.ManyToManyField(
        Team,
        blank=True,
        related_name="people",
        verbose_name=_("teams"),
        help_text=_(
            "Limits this person to the numbers, flows and queues of these teams; what belongs to no team is only seen. "
            "Empty: everything that the role allows."
        ),
    )

    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=languages,
        default="",
        db_default="",
        help_text=_("Of the portal's pages and of the mails it sends to this person. Empty: as the browser asks."),
    )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """E-mail addresses are kept in lower case: people log in by them, however they type them."""
        self.email = (self.email or "").lower()
        super().save(*args, **kwargs)


class AccessLink(models.Model):
    """A link that lets one person in once: an invitation, or the way in that an operator makes on the server.

    Only its digest is kept, so nobody who reads the database can use it.
    """

    class Purpose(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        BREAK_GLASS = "break_glass", _("Break-glass link")

    person = models.ForeignKey(User, models.CASCADE, related_name="access_links", verbose_name=_("person"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("login link")
        verbose_name_plural = _("login links")

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.made_at:%Y-%m-%d %H:%M}"
