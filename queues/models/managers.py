"""Account managers: whom their own customers reach directly."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from queues.models.calendars import Calendar
from queues.models.systems import PhoneSystem
from queues.models.voice import ADDRESS_SHAPES, VoiceKind


class AccountManager(models.Model):
    """The person who looks after a customer, how callers reach him, and whether he is there."""

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
    is_present = models.BooleanField(_("available"), default=True, help_text=_("Off: callers go to the queue behind."))
    present_until = models.DateTimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("How long this holds; then it is the other way round. Empty: until somebody changes it."),
    )

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

    def is_there(self, now: datetime) -> bool:
        """Whether he is available at `now`, his working hours apart."""
        return self.is_present if self.present_until is None or now < self.present_until else not self.is_present
