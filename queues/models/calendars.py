"""Opening hours, in the time zone of the people who keep them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.time_zones import time_zones


def known_time_zone(name: str) -> None:
    """Refuses what is no IANA time zone."""
    if name not in time_zones():
        raise ValidationError(_("“%(zone)s” is not a time zone, such as Europe/Rome."), params={"zone": name})


LONGEST_YEARLY = 364
"""Days between the first and the last of those that come every year."""


class Calendar(models.Model):
    """When somebody is there: weekly hours in one time zone, and days that differ."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("Such as: Office hours."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Europe/Rome",
        validators=[known_time_zone],
        help_text=_("Where these hours are kept: Europe/Rome. Summer time is taken care of."),
    )
    country = models.CharField(
        _("public holidays of"),
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text=_("On the public holidays of this country the calendar is closed. Empty: none."),
    )
    region = models.CharField(
        _("region"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text=_("Adds the holidays of this part of the country. Empty: only those of the whole country."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """One open stretch of a weekday. Closing at or before opening means after midnight."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="hours")
    weekday = models.SmallIntegerField(_("day"), choices=Weekday, help_text=_("The day on which it opens."))
    opens = models.TimeField(_("opens"), help_text=_("09:00"))
    closes = models.TimeField(_("closes"), help_text=_("18:00. 00:00 is the end of the day."))

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class CalendarException(models.Model):
    """Days on which other hours hold: closed, unless hours are given. Public holidays are such days too."""

    class Kind(models.TextChoices):
        ONCE = "", _("these days only")
        YEARLY = "yearly", _("every year")
        HOLIDAY = "holiday", _("public holiday")
        WORKED = "worked", _("as on any other day")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="exceptions")
    kind = models.CharField(
        _("when"),
        max_length=10,
        choices=Kind,
        blank=True,
        default=Kind.ONCE,
        db_default=Kind.ONCE,
        help_text=_("Every year: the same days in each year."),
    )
    label = models.CharField(_("reason"), max_length=80, help_text=_("Such as: Christmas."))
    first_day = models.DateField(_("first day"), help_text=_("The first day that differs."))
    last_day = models.DateField(_("last day"), help_text=_("The last day that differs; the same for one day."))
    opens = models.TimeField(_("opens"), null=True, blank=True, help_text=_("Empty: closed all day."))
    closes = models.TimeField(_("closes"), null=True, blank=True, help_text=_("Empty: closed all day."))

    class Meta:
        ordering = ["first_day"]
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="special_days_end_after_they_begin",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(opens__isnull=False, closes__isnull=False),
                name="special_day_has_both_hours_or_none",
                violation_error_message=_("Give both hours, or none for closed."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuses days that end before they begin, and half of an opening, each at its field."""
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValidationError({"last_day": _("The last day is before the first.")})
        if self.kind == self.Kind.YEARLY and self._days() > LONGEST_YEARLY:
            raise ValidationError({"last_day": _("Days that come every year cannot be longer than a year.")})
        if (self.opens is None) != (self.closes is None):
            missing = "opens" if self.opens is None else "closes"
            raise ValidationError({missing: _("Give both hours, or none for closed.")})

    def _days(self) -> int:
        return (self.last_day - self.first_day).days if self.first_day and self.last_day else 0
