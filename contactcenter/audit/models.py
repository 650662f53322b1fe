"""The histories of everything that people set up (see followed.py), and the chain of what they did."""

from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contactcenter.audit import followed

followed.follow_all()


class Action(models.TextChoices):
    """What somebody did."""

    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    RESTORED = "restored", _("restored")
    PUBLISHED = "published", _("published")
    ROLLED_BACK = "rolled_back", _("rolled back")
    APPROVED = "approved", _("approved")
    SWITCHED = "switched", _("switched")
    EXPORTED = "exported", _("exported")
    IMPORTED = "imported", _("imported")
    ERASED = "erased", _("erased")
    KEY_MADE = "key_made", _("key made")
    LOGGED_IN = "logged_in", _("logged in")
    LOGGED_OUT = "logged_out", _("logged out")
    LOGIN_FAILED = "login_failed", _("login failed")
    INVITED = "invited", _("invited")
    FACTOR_TAKEN = "factor_taken", _("second factor taken away")
    BREAK_GLASS = "break_glass", _("break-glass link made")


def actions() -> list[tuple[str, str | Promise]]:
    """The actions there are; a callable, so that a new one makes no migration."""
    return list(Action.choices)


class Event(models.Model):
    """That somebody did something to a thing: ids only. Written, given its place in the chain, never touched again."""

    nonce = models.UUIDField(unique=True, default=uuid4, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now)
    user_id = models.BigIntegerField(_("who"), null=True)
    action = models.CharField(pgettext_lazy("what was done", "what"), max_length=20, choices=actions)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    object_id = models.CharField(_("id"), max_length=64, blank=True)
    seal = models.CharField(max_length=64)
    number = models.BigIntegerField(pgettext_lazy("of an event", "number"), null=True, unique=True)
    link = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [
            # What waits for its place is found at once.
            models.Index(fields=["id"], condition=models.Q(number__isnull=True), name="event_without_a_place"),
            models.Index(fields=["at"], name="event_by_day"),
            models.Index(fields=["action", "-id"], name="event_by_action"),
            models.Index(fields=["object_id", "-id"], name="event_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.number or '-'}: {self.action} {self.kind} {self.object_id}"


class ChainEnd(models.Model):
    """How far the chain reaches: one row, locked while it grows."""

    number = models.BigIntegerField(default=0)
    link = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.number)
