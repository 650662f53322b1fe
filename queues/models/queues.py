"""Queues: what a branch can send a contact to."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.models import Team
from queues.models.calendars import Calendar
from queues.models.queue_words import check_headers, tidy_skills
from queues.models.systems import HelpDesk, PhoneSystem
from queues.models.voice import ADDRESS_SHAPES, PHONE_NUMBER, SIP_USER, SPOKEN, VoiceKind
from queues.priorities import FIRST_CLASS, LAST_CLASS


class Queue(models.Model):
    """Where contacts wait, in a phone system or help desk that is not ours."""

    class Closed(models.TextChoices):
        OVERFLOW = "overflow", _("send to the overflow queue")
        ANNOUNCE = "announce", _("play an announcement")
        VOICEMAIL = "voicemail", _("take a message (voicemail)")
        REJECT = "reject", _("turn the caller away (busy)")

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What agents call it: VIP."))
    slug = models.SlugField(
        _("short name"), unique=True, help_text=_("Sent to the phone system: vip. Do not change it later.")
    )
    phone_system = models.ForeignKey(
        PhoneSystem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="queues",
        verbose_name=_("phone system"),
        help_text=_("Where callers of this queue wait. Empty for a queue of messages only."),
    )
    voice_kind = models.CharField(
        _("reached by"),
        max_length=14,
        choices=VoiceKind,
        default=VoiceKind.SIP,
        help_text=_("How the phone system is told to use this queue."),
    )
    voice_address = models.CharField(
        _("extension, number or name"), max_length=64, blank=True, help_text=_("8001, or +390212345678, or support.")
    )
    help_desk = models.ForeignKey(
        HelpDesk,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="queues",
        verbose_name=_("help desk"),
        help_text=_("Where messages of this queue are answered. Empty for a queue of calls only."),
    )
    team = models.CharField(
        _("team"), max_length=64, blank=True, help_text=_("Name or number of the team in the help desk.")
    )
    priority_class = models.PositiveSmallIntegerField(
        _("priority class"),
        default=3,
        validators=[MinValueValidator(FIRST_CLASS), MaxValueValidator(LAST_CLASS)],
        help_text=_("1 is served first, 5 last."),
    )
    head_start_s = models.PositiveIntegerField(
        _("head start, in seconds"),
        default=0,
        validators=[MaxValueValidator(86400)],
        help_text=_(
            "Callers are served as if they had waited so long already when they arrive: "
            "300 puts them before whoever has waited for less than five minutes."
        ),
    )
    answer_timeout_s = models.PositiveSmallIntegerField(
        _("answer timeout"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(3600)],
        help_text=_("Seconds to ring before the overflow is tried. Empty: as the phone system and the wait need."),
    )
    promised_wait_s = models.PositiveIntegerField(
        _("longest promised wait"),
        null=True,
        blank=True,
        validators=[MinValueValidator(10), MaxValueValidator(7200)],
        help_text=_(
            "Seconds: the longest that anybody should wait here. On a phone system that rings until an agent answers, "
            "calls ring for so long and 30 seconds more. Empty: 15 minutes."
        ),
    )
    max_waiting = models.PositiveIntegerField(
        _("maximum callers waiting"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("From so many on the queue is full, where somebody reports how many wait. Empty: no limit."),
    )
    service_level_percent = models.PositiveSmallIntegerField(
        _("service level"),
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Percent of callers who are answered in time."),
    )
    service_level_s = models.PositiveIntegerField(
        _("in time means within"), default=20, help_text=_("Seconds: 80 percent within 20 seconds is usual.")
    )
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="queues",
        verbose_name=_("opening hours"),
        help_text=_("Empty: always open."),
    )
    closed_without_agents = models.BooleanField(
        _("closed while nobody is logged in"),
        default=True,
        db_default=True,
        help_text=_("Where the phone system says that no agent is logged in. Where it says nothing, the hours count."),
    )
    overflow_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="overflows_from",
        verbose_name=_("overflow to"),
        help_text=_("Takes the callers when this queue is closed, full, or does not answer."),
    )
    when_closed = models.CharField(
        _("when closed"),
        max_length=10,
        choices=Closed,
        default=Closed.OVERFLOW,
        help_text=_("What happens to callers outside the opening hours, and while the queue is closed by hand."),
    )
    closed_address = models.CharField(
        _("extension when closed"),
        max_length=64,
        blank=True,
        help_text=_("The extension that plays the announcement or takes the message."),
    )
    when_full = models.CharField(
        _("when full"),
        max_length=10,
        choices=Closed,
        default=Closed.OVERFLOW,
        db_default=Closed.OVERFLOW,
        help_text=_("What happens to callers while as many wait as may. Calls already waiting are not moved."),
    )
    full_address = models.CharField(
        _("extension when full"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_("The extension that plays the announcement or takes the message."),
    )
    skills = models.CharField(
        _("skills"),
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text=_("What agents must know, with commas: italian, billing. The phone system chooses who has them."),
    )
    headers = models.TextField(
        _("headers of its own"),
        max_length=600,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Up to four SIP headers for the phone system, one a line, such as X-CC-Language: {customer.language}. "
            "What stands in braces is filled in for each call."
        ),
    )
    agents_per_caller = models.FloatField(
        _("target agents per caller"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(100)],
        help_text=_("Agents logged in for each caller who waits: 2, or 0.5. Shown beside what is real. Empty: none."),
    )
    is_emergency = models.BooleanField(
        _("emergency queue"),
        default=False,
        help_text=_("Takes callers when nothing else can be decided. Exactly one queue has this."),
    )
    belongs_to = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="queues",
        verbose_name=_("belongs to team"),
        help_text=_("Members of other teams neither see nor change it. Empty: everybody sees it."),
    )

    class Meta:
        ordering = ["priority_class", "name"]
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        constraints = [
            models.CheckConstraint(
                condition=Q(overflow_to__isnull=True) | ~Q(overflow_to=F("id")),
                name="queue_does_not_overflow_to_itself",
                violation_error_message=_("A queue cannot overflow to itself."),
            ),
            models.UniqueConstraint(
                fields=["is_emergency"],
                condition=Q(is_emergency=True),
                name="one_emergency_queue",
                violation_error_message=_("Another queue is the emergency queue already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses what would fail on a live call, each at its field."""
        errors = {**self._address_errors(), **self._action_errors(), **self._words_errors()}
        if circle := self._circle():
            message = _("Callers would go round in circles: %(circle)s.")
            errors["overflow_to"] = message % {"circle": " → ".join(queue.name for queue in circle)}
        if errors:
            raise ValidationError(errors)

    def _address_errors(self) -> dict[str, Any]:
        """An address that does not fit the way the queue is reached."""
        shape, example = ADDRESS_SHAPES[VoiceKind(self.voice_kind)]
        if self.voice_address and not shape.match(self.voice_address):
            return {"voice_address": example}
        if self.voice_address and self.voice_kind == VoiceKind.SIP and not self.phone_system:
            return {"phone_system": _("Choose the phone system that has this extension.")}
        return {}

    def _action_errors(self) -> dict[str, Any]:
        """What happens to callers who cannot wait here must be possible."""
        errors: dict[str, Any] = {}
        for action, field in ((self.when_closed, "closed_address"), (self.when_full, "full_address")):
            address = getattr(self, field)
            if action in SPOKEN and not address:
                errors[field] = _("Say which extension plays the announcement or takes the message.")
            elif address and not SIP_USER.match(address):
                errors[field] = ADDRESS_SHAPES[VoiceKind.SIP][1]
            elif action in SPOKEN and not self._has_hosts() and not PHONE_NUMBER.match(address):
                errors[field] = _("No phone system with a SIP host is chosen: give a number with country code.")
        if self.is_emergency and self.Closed.REJECT in (self.when_closed, self.when_full):
            errors["is_emergency"] = _("The emergency queue takes callers when nothing else can: it turns nobody away.")
        return errors

    def _has_hosts(self) -> bool:
        return bool(self.phone_system and self.phone_system.host_list)

    def _words_errors(self) -> dict[str, Any]:
        """Skills and headers that a phone system would not understand. Skills are brought into their form."""
        errors: dict[str, Any] = {}
        try:
            self.skills = tidy_skills(self.skills)
        except ValidationError as error:
            errors["skills"] = error
        try:
            check_headers(self.headers)
        except ValidationError as error:
            errors["headers"] = error
        return errors

    def _circle(self) -> "list[Queue]":
        """The queues round which callers would be sent, this one first and last; empty when the chain ends."""
        chain, queue = [self], self.overflow_to
        while queue is not None and all(queue.pk != each.pk for each in chain):
            chain.append(queue)
            queue = queue.overflow_to
        return [*chain, self] if queue is not None and queue.pk == self.pk and len(chain) > 1 else []
