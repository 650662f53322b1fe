"""Queues and account managers: what a branch can send a contact to."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from queues.models.calendars import Calendar
from queues.models.systems import HelpDesk, PhoneSystem
from queues.priorities import FIRST_CLASS, LAST_CLASS

SIP_USER = re.compile(r"^[A-Za-z0-9_.!~*'()&=+$,;?/\-]{1,64}\Z")
PHONE_NUMBER = re.compile(r"^\+[1-9]\d{5,14}\Z")
PROVIDER_QUEUE = re.compile(r"^[A-Za-z0-9_.\- ]{1,64}\Z")


class VoiceKind(models.TextChoices):
    """How a queue is reached by phone."""

    SIP = "sip", _("extension on the phone system")
    PHONE = "phone", _("phone number")
    PROVIDER_QUEUE = "provider_queue", _("queue at the provider")


ADDRESS_SHAPES = {
    VoiceKind.SIP: (SIP_USER, _("An extension such as 8001, without host.")),
    VoiceKind.PHONE: (PHONE_NUMBER, _("A number with country code, such as +390212345678.")),
    VoiceKind.PROVIDER_QUEUE: (PROVIDER_QUEUE, _("The queue's name at the provider.")),
}


class Queue(models.Model):
    """Where contacts wait, in a phone system or help desk that is not ours."""

    class Closed(models.TextChoices):
        OVERFLOW = "overflow", _("send to the overflow queue")
        ANNOUNCE = "announce", _("play an announcement")
        VOICEMAIL = "voicemail", _("take a message (voicemail)")

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
        _("head start"),
        default=0,
        validators=[MaxValueValidator(86400)],
        help_text=_("Seconds that callers seem to have waited already when they arrive."),
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
        help_text=_("From so many on, callers go to the overflow queue. Empty: no limit."),
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
        help_text=_("What happens to callers outside the opening hours."),
    )
    closed_address = models.CharField(
        _("extension when closed"),
        max_length=64,
        blank=True,
        help_text=_("The extension that plays the announcement or takes the message."),
    )
    is_emergency = models.BooleanField(
        _("emergency queue"),
        default=False,
        help_text=_("Takes callers when nothing else can be decided. Exactly one queue has this."),
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
        """Refuses an address that does not fit the way the queue is reached."""
        shape, example = ADDRESS_SHAPES[VoiceKind(self.voice_kind)]
        if self.voice_address and not shape.match(self.voice_address):
            raise ValidationError({"voice_address": example})
        if self.closed_address and not SIP_USER.match(self.closed_address):
            raise ValidationError({"closed_address": ADDRESS_SHAPES[VoiceKind.SIP][1]})
        if self.when_closed != self.Closed.OVERFLOW and not self.closed_address:
            raise ValidationError(
                {"closed_address": _("Say which extension plays the announcement or takes the message.")}
            )
        if self.voice_address and self.voice_kind == VoiceKind.SIP and not self.phone_system:
            raise ValidationError({"phone_system": _("Choose the phone system that has this extension.")})


class AccountManager(models.Model):
    """The person who looks after a customer, and how callers reach him."""

    name = models.CharField(_("name"), max_length=80, help_text=_("First and last name."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("As the CRM names the account manager."))
    phone_system = models.ForeignKey(
        PhoneSystem,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("phone system"),
        help_text=_("Where the extension is. Empty when reached by a phone number."),
    )
    address = models.CharField(
        _("extension or phone number"), max_length=64, help_text=_("8101, or a mobile with country code.")
    )
    answer_timeout_s = models.PositiveSmallIntegerField(
        _("answer timeout"),
        default=15,
        validators=[MinValueValidator(2), MaxValueValidator(120)],
        help_text=_("Seconds to ring before the queue behind takes the caller."),
    )
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("working hours"),
        help_text=_("Outside them callers go to the queue behind. Empty: always."),
    )
    is_present = models.BooleanField(_("present"), default=True, help_text=_("Off: callers go to the queue behind."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("account manager")
        verbose_name_plural = _("account managers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses an address that is neither an extension of a phone system nor a phone number."""
        shape, example = ADDRESS_SHAPES[VoiceKind.SIP if self.phone_system else VoiceKind.PHONE]
        if not shape.match(self.address or ""):
            raise ValidationError({"address": example})
