"""The filters of the report pages. They are links: a page with its filters can be kept and sent."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import LoyaltyTier
from queues.models import Queue
from routing.contacts import CHANNELS
from routing.models import Channel, Flow
from routing.reports.periods import Period, zone_of

FIRST_YEAR = 2000
MOST_DAYS = 400
USUAL_DAYS = 28
NO_TIER = "-"
VOICE, MESSAGES = "voice", "messages"


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day_field(label: Any, help_text: Any) -> forms.DateField:
    """A day, as browsers send it."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=DayInput(),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("This is no day: 2026-11-22 would be one.")},
    )


def check_day(day: date) -> date:
    """Refuses days that nobody means."""
    if day.year < FIRST_YEAR:
        raise ValidationError(_("There is nothing before the year %(year)s.") % {"year": FIRST_YEAR})
    if day > timezone.localdate() + timedelta(days=1):  # tomorrow: it may have come already where the calls come in
        raise ValidationError(_("This day has not come yet."))
    return day


class ReportForm(forms.Form):
    """Which days, and which contacts."""

    first = day_field(_("From"), _("The first day."))
    last = day_field(_("To"), _("The last day, included."))
    channel = forms.ChoiceField(label=_("Channel"), required=False, help_text=_("Calls stand apart from messages."))
    queue = forms.ChoiceField(label=_("Queue"), required=False, help_text=_("Where they were sent."))
    tier = forms.ChoiceField(label=_("Tier"), required=False, help_text=_("Of the customer, when he called."))
    flow = forms.ChoiceField(label=_("Flow"), required=False, help_text=_("Which branches they went through."))

    def __init__(self, request: HttpRequest) -> None:
        today = timezone.localdate()
        usual = {"first": (today - timedelta(days=USUAL_DAYS - 1)).isoformat(), "last": today.isoformat()}
        super().__init__({**usual, "channel": VOICE, **request.GET.dict()})
        self.queues = {queue.slug: queue for queue in Queue.objects.select_related("calendar")}
        self.tiers = {tier.slug: tier for tier in LoyaltyTier.objects.all()}
        written = [(each, label) for each, label in Channel.choices if each != VOICE]
        channels = [(VOICE, _("calls")), (MESSAGES, _("all messages")), *written]
        self._offer("channel", channels, _("No such channel."))
        self._offer("queue", [(slug, queue.name) for slug, queue in self.queues.items()], _("No such queue."))
        tiers = [(slug, tier.name) for slug, tier in self.tiers.items()]
        self._offer("tier", [*tiers, (NO_TIER, _("no tier"))], _("No such tier."))
        self._offer("flow", list(Flow.objects.values_list("slug", "name")), _("No such flow."))

    def _offer(self, name: str, choices: list[tuple[str, Any]], unknown: Any) -> None:
        field: Any = self.fields[name]
        field.choices = choices if name == "channel" else [("", _("all")), *choices]
        field.error_messages["invalid_choice"] = unknown

    def clean_first(self) -> date:
        return check_day(self.cleaned_data["first"])

    def clean_last(self) -> date:
        last, first = check_day(self.cleaned_data["last"]), self.cleaned_data.get("first")
        if first and last < first:
            raise ValidationError(_("The period ends before it starts."))
        if first and (last - first).days >= MOST_DAYS:
            raise ValidationError(_("A report spans at most %(days)s days.") % {"days": MOST_DAYS})
        return last

    @property
    def period(self) -> Period:
        """The days asked for, on the clock of what is asked about."""
        given = self.cleaned_data
        return Period(given["first"], given["last"], zone_of(self.queues.get(given["queue"]), given["flow"]))

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels asked about."""
        asked = self.cleaned_data["channel"] or VOICE
        return tuple(each for each in CHANNELS if each != VOICE) if asked == MESSAGES else (asked,)

    @property
    def only(self) -> dict[str, Any]:
        """The other filters as those of report intervals."""
        given = self.cleaned_data
        found = {name: given[name] for name in ("queue", "flow") if given[name]}
        if given["tier"]:
            found["tier"] = "" if given["tier"] == NO_TIER else given["tier"]
        return found


class FailedForm(forms.Form):
    """Which day, and from which tier on."""

    day = day_field(_("Day"), _("Yesterday, unless you choose another."))
    tier = forms.ModelChoiceField(
        LoyaltyTier.objects.all(),
        to_field_name="slug",
        required=False,
        label=_("From tier"),
        empty_label=_("the highest"),
        help_text=_("This tier and those above it."),
        error_messages={"invalid_choice": _("No such tier.")},
    )

    def clean_day(self) -> date:
        return check_day(self.cleaned_data["day"])
