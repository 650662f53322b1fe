"""What the reports are read from, and how they are read: counts of quarter hours, and the settings of the pages."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_ADDRESSES = 50


def languages() -> list[tuple[str, Any]]:
    """The portal's languages; a callable, so that a new one makes no migration."""
    return list(settings.LANGUAGES)


def address_lines(text: str) -> None:
    """Refuses what is not one e-mail address a line, and more than MOST_ADDRESSES of them."""
    lines = text.split()
    if len(lines) > MOST_ADDRESSES:
        raise ValidationError(_("At most %(most)s addresses.") % {"most": MOST_ADDRESSES})
    for number, line in enumerate(lines, 1):
        try:
            validate_email(line)
        except ValidationError:
            raise ValidationError(_("Line %(number)s is no e-mail address.") % {"number": number}) from None


class ReportInterval(models.Model):
    """What became of the contacts of a quarter of an hour, by channel, flow, queue and tier. Nobody is named.

    Quarters, because there are time zones that begin their hours at :30 and :45. Waits in seconds, values in cents.
    `branch` is empty: only rows of an earlier version name one, until they are folded.
    """

    starts_at = models.DateTimeField()
    channel = models.CharField(max_length=10)
    flow = models.CharField(max_length=50, blank=True)
    queue = models.CharField(max_length=50, blank=True)
    branch = models.CharField(max_length=50, blank=True)
    tier = models.CharField(max_length=50, blank=True)
    contacts = models.PositiveIntegerField(help_text="Decisions.")
    last_path = models.PositiveIntegerField(default=0, help_text="That no branch took.")
    overflowed = models.PositiveIntegerField(default=0, help_text="That went to another queue than the branch's.")
    announced = models.PositiveIntegerField(default=0, help_text="That heard an announcement or left a message.")
    blocked = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Calls of blocked callers: turned away, or sent elsewhere."
    )
    answered = models.PositiveIntegerField(default=0, help_text="By an agent.")
    timed = models.PositiveIntegerField(default=0, help_text="Answered after a wait that was reported.")
    in_time = models.PositiveIntegerField(default=0, help_text="Answered within the queue's target.")
    wait_s = models.PositiveBigIntegerField(default=0, help_text="Sum of the reported waits of the answered.")
    abandoned = models.PositiveIntegerField(default=0, help_text="Hung up while waiting.")
    abandoned_in_time = models.PositiveIntegerField(default=0, help_text="Hung up within the queue's target.")
    abandoned_5 = models.PositiveIntegerField(default=0, help_text="Hung up within 5 seconds.")
    abandoned_10 = models.PositiveIntegerField(default=0, help_text="Hung up within 10 seconds.")
    abandoned_20 = models.PositiveIntegerField(default=0, help_text="Hung up within 20 seconds.")
    ended = models.PositiveIntegerField(default=0, help_text="Left the queue by another way, or nobody answered.")
    valued = models.PositiveIntegerField(default=0, help_text="Reported ones whose customer's value is known.")
    value_in_time = models.BigIntegerField(default=0, help_text="Lifetime values of those answered in time.")
    value_missed = models.BigIntegerField(default=0, help_text="Lifetime values of the other reported ones.")

    class Meta:
        default_permissions = ()  # who may view decisions may view them counted
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["starts_at", "channel", "flow", "branch", "queue", "tier"], name="report_interval_counted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.queue}"


class BranchInterval(models.Model):
    """How many contacts of a quarter of an hour took each branch, the last path too."""

    starts_at = models.DateTimeField()
    flow = models.CharField(max_length=50, blank=True)
    branch = models.CharField(max_length=50)
    contacts = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["starts_at", "flow", "branch"], name="branch_interval_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.branch}"


class ReportMark(models.Model):
    """How far a table has been counted: to `cursor`, in a round that ends at `round_to`. The last: `last_to`."""

    source = models.CharField(max_length=20, primary_key=True)
    cursor = models.BigIntegerField(default=0)
    round_to = models.BigIntegerField(default=0)
    last_to = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.source


class ReportSettings(models.Model):
    """How the reports are read, and who gets them by e-mail. One row; without it the defaults hold."""

    class Formula(models.TextChoices):
        OFFERED = "offered", _("answered in time / (answered + abandoned)")
        ANSWERED = "answered", _("answered in time / answered")
        KEPT = "kept", _("(answered in time + abandoned in time) / (answered + abandoned)")

    class ShortAbandon(models.IntegerChoices):
        NONE = 0, _("count every one")
        FIVE = 5, _("leave out those within 5 seconds")
        TEN = 10, _("leave out those within 10 seconds")
        TWENTY = 20, _("leave out those within 20 seconds")

    formula = models.CharField(
        _("service level"),
        max_length=10,
        choices=Formula,
        default=Formula.OFFERED,
        help_text=_("In time is what the queue says. Contacts of which nothing was reported are in no formula."),
    )
    short_abandon_s = models.PositiveSmallIntegerField(
        _("callers who hang up at once"),
        choices=ShortAbandon,
        default=ShortAbandon.FIVE,
        help_text=_("They dialled a wrong number, nobody failed them. Holds for service level and abandonment."),
    )
    vip_tier = models.ForeignKey(
        "customers.LoyaltyTier",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("VIPs are customers from this tier on"),
        help_text=_("This tier and those above it. Empty: the highest tier only."),
    )
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("people who get the monthly summary"),
        help_text=_(
            "By e-mail, on the first of the month. Who has no e-mail address, or no access any more, gets none."
        ),
    )
    addresses = models.TextField(
        _("other addresses that get it"),
        blank=True,
        validators=[address_lines],
        help_text=_("One a line. There are no names and no phone numbers in the summary."),
    )
    language = models.CharField(
        _("language of the summary"),
        max_length=10,
        choices=languages,
        default="en",
        help_text=_("The same for everybody who gets it."),
    )

    class Meta:
        default_permissions = ("add", "change", "view")
        verbose_name = _("report settings")
        verbose_name_plural = _("report settings")

    def __str__(self) -> str:
        return str(_("Report settings"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1  # there is one
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> "ReportSettings":
        """The settings in force."""
        return cls.objects.select_related("vip_tier").filter(pk=1).first() or cls(pk=1)


class MonthlyMail(models.Model):
    """One address is to get the summary of one month, once."""

    month = models.DateField(_("month"))
    address = models.EmailField(_("address"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("next try"))
    error = models.CharField(_("what went wrong"), max_length=80, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        ordering = ["-month", "address"]
        default_permissions = ("view",)
        verbose_name = _("monthly summary")
        verbose_name_plural = _("monthly summaries")
        constraints = [
            models.UniqueConstraint(fields=["month", "address"], name="summary_once_a_month_for_each_address")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
