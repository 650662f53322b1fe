"""Opening hours, the days that differ, and public holidays."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import LabelledCells, PortalInline
from contactcenter.foundation.long_forms import ANY, FOLD
from contactcenter.foundation.naming import ClockTimes, NamedAdmin
from contactcenter.foundation.uses_in_lists import ShowsUses
from queues import hours_words, public_holidays
from queues.models import Calendar, CalendarException, OpeningHours
from queues.standing import by_calendar, compiled

Kind = CalendarException.Kind


class HoursFormSet(LabelledCells):
    """Refuses stretches that are open at the same time: one of them is a slip of the hand."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data]
        if words := hours_words.overlapping([form.instance for form in kept]):
            raise ValidationError(words)


class OpeningHoursInline(ClockTimes, PortalInline):
    model = OpeningHours
    formset = HoursFormSet


class CalendarExceptionInline(ClockTimes, PortalInline):
    """Days of our own that differ."""

    model = CalendarException
    fields = ("label", "kind", "first_day", "last_day", "opens", "closes")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).exclude(kind__in=public_holidays.OF_THE_PACKAGE)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["choices"] = [(kind.value, kind.label) for kind in (Kind.ONCE, Kind.YEARLY)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class HolidayInline(ClockTimes, PortalInline):
    """The public holidays of this year and the next, as the package knows them: closed, other hours, or as always."""

    model = CalendarException
    verbose_name = _("public holiday")
    verbose_name_plural = _("public holidays, this year and next")
    fields = ("day", "name", "kind", "opens", "closes")
    readonly_fields = ("day", "name")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        this = timezone.localdate().year
        rows = super().get_queryset(request).filter(kind__in=public_holidays.OF_THE_PACKAGE)
        return rows.filter(first_day__year__in=(this, this + 1)).order_by("first_day")

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["choices"] = [
            (Kind.HOLIDAY.value, _("closed, or these hours")),
            (Kind.WORKED.value, Kind.WORKED.label),
        ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description=_("day"))
    def day(self, row: CalendarException) -> str:
        return date_format(row.first_day, pgettext("format of a date", "l j F Y"))

    @admin.display(description=_("name"))
    def name(self, row: CalendarException) -> str:
        return row.label


def _countries() -> dict[str, str]:
    return public_holidays.countries(get_language() or settings.LANGUAGE_CODE)


class CalendarForm(forms.ModelForm):
    """Country and region can be chosen; the regions are those of the country that is chosen."""

    class Meta:
        model = Calendar
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" not in self.fields:  # somebody who may only look
            return
        country = self.data.get("country") if self.is_bound else self.instance.country
        known = _countries()
        regions = public_holidays.regions(country) if country in known else []
        self.fields["country"].widget = forms.Select(choices=[("", "---------"), *known.items()])
        with_a_country = {"data-shown-by": "country", "data-shown-for": ANY}
        self.fields["region"].widget = forms.Select(with_a_country, choices=[("", _("the whole country")), *regions])
        self._known = known

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"]
        if country and country not in self._known:
            raise ValidationError(_("The holidays of this country are not known."))
        return country

    def clean(self) -> dict[str, Any]:
        answer: dict[str, Any] = super().clean() or {}
        country, region = answer.get("country", ""), answer.get("region", "")
        if region and region not in dict(public_holidays.regions(country) if country else []):
            answer["region"] = ""  # of the country that was chosen before
        return answer


@admin.register(Calendar)
class CalendarAdmin(ShowsUses, NamedAdmin):
    """A calendar: weekly hours in one time zone, special days, and public holidays."""

    about = _("A calendar says when somebody is there. Queues and account managers open and close by it.")
    form = CalendarForm
    list_display = ("name", "now", "holidays_of", "time_zone", "used_by")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "now", "time_zone")}),
        (_("Public holidays"), {"fields": (("country", "region"), "source")}),
        (_("For engineers"), {"fields": ("slug",), "classes": (FOLD,)}),
    )
    readonly_fields = ("now", "source")
    inlines = (OpeningHoursInline, CalendarExceptionInline, HolidayInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("hours", "exceptions")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """What follows from the country is written beside what was typed; what looks wrong is said."""
        super().save_related(request, form, formsets, change)
        calendar, now = Calendar.objects.get(pk=form.instance.pk), timezone.now()
        today = timezone.localdate()
        if public_holidays.refresh(calendar, today) and calendar.country:
            messages.info(request, gettext("The public holidays are among the special days now: look through them."))
        public_holidays.choose_alike(calendar, today.replace(year=today.year + 1, month=12, day=31))
        for words in hours_words.doubtful(compiled(calendar), now):
            messages.warning(request, words)

    @admin.display(description=_("now"))
    def now(self, calendar: Calendar) -> str:
        return by_calendar(calendar, timezone.now()).words if calendar.pk else "-"

    @admin.display(description=_("public holidays of"))
    def holidays_of(self, calendar: Calendar) -> str:
        known = _countries()
        return " ".join(filter(None, (known.get(calendar.country, calendar.country), calendar.region))) or "-"

    @admin.display(description=_("where they come from"))
    def source(self, calendar: Calendar) -> str:
        last = public_holidays.last_day(calendar) if calendar.pk else None
        if last is None:
            return gettext("Choose a country and save: the days are then listed below, each to be kept or changed.")
        return gettext("%(source)s. In the draft until %(day)s; every night brings what is missing.") % {
            "source": public_holidays.source(),
            "day": date_format(last),
        }
