"""What is true of queues and numbers right now: never part of a release, never rolled back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from queues.models.queues import Queue
from queues.models.systems import PhoneSystem

ALL_NUMBERS = "*"
"""The subject of a switch on every number."""


class QueueState(models.Model):
    """What the phone system last said about a queue. Seconds old at best, and it says how old."""

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="state", verbose_name=_("queue"))
    statistics = models.JSONField(_("statistics"), default=dict)
    as_of = models.DateTimeField(_("as of"))

    class Meta:
        verbose_name = _("queue state")
        verbose_name_plural = _("queue states")

    def __str__(self) -> str:
        return str(self.queue)


class Switch(models.Model):
    """A decision of the moment, in force at once on every decide host, until a time or until ended."""

    class Kind(models.TextChoices):
        CLOSE_QUEUE = "close_queue", _("close the queue")
        OPEN_QUEUE = "open_queue", _("open the queue in spite of its hours")
        SEND_NUMBER = "send_number", _("send everybody on a number to a queue")
        SEND_OUTSIDE = "send_outside", _("send everybody on a number to an outside number")
        ANNOUNCE = "announce", _("play an announcement to everybody on a number")

    kind = models.CharField(
        pgettext_lazy("what is switched", "what"), max_length=12, choices=Kind, help_text=_("What is switched.")
    )
    subject = models.CharField(
        _("queue or number"),
        max_length=64,
        help_text=_("Short name of the queue, or the number called; * is every number."),
    )
    target_queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("to the queue"),
        help_text=_("Only when a number is sent elsewhere."),
    )
    target_system = models.ForeignKey(
        PhoneSystem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("on the phone system"),
        help_text=_("Where the extension of an announcement is."),
    )
    target_address = models.CharField(
        _("to the extension or number"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("The extension that plays the announcement, or the outside number."),
    )
    reason = models.CharField(_("reason"), max_length=200, help_text=_("For the colleagues who will ask."))
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until somebody ends it."))
    created_at = models.DateTimeField(_("switched at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=pgettext_lazy("who did it", "by"),
    )
    set_from = models.CharField(
        _("set from"), max_length=80, blank=True, default="", db_default="", editable=False
    )  # where it was set, when nobody was logged in
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_from = models.CharField(_("ended from"), max_length=80, blank=True, default="", db_default="", editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("switch")
        verbose_name_plural = _("switches")
        permissions = [("use_switch", _("Can close and reopen queues at once"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="send_number") | Q(target_queue__isnull=False),
                name="number_is_sent_to_a_queue",
                violation_error_message=_("Say to which queue the number is sent."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("created_at")),
                name="switch_ends_after_it_starts",
                violation_error_message=_("The end must lie ahead."),
            ),
        ]

    subject_name = ""
    """What the queue is called, once `standing.look_up_names` has looked it up; its short name is said until then."""

    def __str__(self) -> str:
        return WORDS[self.Kind(self.kind)] % {
            "subject": _("every number") if self.subject == ALL_NUMBERS else self.subject_name or self.subject,
            "queue": self.target_queue,
            "address": self.target_address,
        }

    @property
    def is_of_a_queue(self) -> bool:
        return self.kind in (self.Kind.CLOSE_QUEUE, self.Kind.OPEN_QUEUE)


WORDS = {
    Switch.Kind.CLOSE_QUEUE: _("Queue %(subject)s is closed"),
    Switch.Kind.OPEN_QUEUE: _("Queue %(subject)s is open in spite of its hours"),
    Switch.Kind.SEND_NUMBER: _("Callers of %(subject)s go to %(queue)s"),
    Switch.Kind.SEND_OUTSIDE: _("Callers of %(subject)s go to the outside number %(address)s"),
    Switch.Kind.ANNOUNCE: _("Callers of %(subject)s hear the announcement at extension %(address)s"),
}
"""What is so while a switch of this kind holds."""
