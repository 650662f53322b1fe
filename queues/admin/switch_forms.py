"""What a switch needs to know: why, for how long, and for numbers which ones and where to."""

from datetime import UTC, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queues import switches
from queues.models import PhoneSystem, Queue
from queues.models.live import ALL_NUMBERS
from queues.standing import end_of_day, said, zone_of

DAY, HOUR, MOMENT, OPEN_END = "day", "hour", "moment", "open_end"
LASTING = (
    (DAY, _("Until the end of the day")),
    (HOUR, _("For one hour")),
    (MOMENT, _("Until the time below")),
    (OPEN_END, _("Until somebody ends it")),
)
MOST_NUMBERS = 50


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button is the answer."""

    def __init__(self, *args: Any, zone: tzinfo = UTC, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone


class SwitchForm(ConfirmForm):
    """Why, and for how long; moments are read in the zone that the page names. `until` is what comes of it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("For the colleagues who will ask."),
    )
    lasting = forms.ChoiceField(label=_("How long"), choices=LASTING, initial=DAY, widget=forms.RadioSelect)
    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lasting"].help_text = _("The day ends %(moment)s.") % {
            "moment": said(end_of_day(timezone.now(), self.zone), self.zone)
        }
        self.fields["until"].help_text = _("Time zone: %(zone)s.") % {"zone": self.zone}

    def clean(self) -> dict[str, Any]:
        answer: dict[str, Any] = super().clean() or {}
        if answer.get("lasting") == MOMENT and not answer.get("until") and "until" not in self.errors:
            self.add_error("until", _("Say until when."))
        now = timezone.now()
        ends = {DAY: end_of_day(now, self.zone_of(answer)), HOUR: now + timedelta(hours=1), OPEN_END: None}
        answer["until"] = ends.get(answer.get("lasting", ""), answer.get("until"))
        return answer

    def zone_of(self, answer: dict[str, Any]) -> tzinfo:
        """The zone whose day ends."""
        return self.zone


class NumbersForm(SwitchForm):
    """Which numbers."""

    every = forms.BooleanField(
        label=_("Every number"), required=False, help_text=_("Everything, whatever number is called.")
    )
    numbers = forms.CharField(
        label=_("Numbers called"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField", "dir": "ltr"}),
        help_text=_(
            "One a line, with country code, as they are written under Numbers: +390212345678. "
            "For Messenger the page's id. Empty when it is every number."
        ),
    )

    def clean_numbers(self) -> list[str]:
        """The addresses as they are stored."""
        lines = [line for line in self.cleaned_data["numbers"].splitlines() if line.strip()]
        if len(lines) > MOST_NUMBERS:
            raise ValidationError(_("At most %(most)d numbers at once."), params={"most": MOST_NUMBERS})
        try:
            return list(dict.fromkeys(switches.called_address(line) for line in lines))
        except ValidationError as error:
            raise ValidationError(error.message_dict["subject"]) from error

    def clean(self) -> dict[str, Any]:
        answer = super().clean()
        if answer.get("every"):
            if answer.get("numbers"):
                self.add_error("numbers", _("Either every number or these: take one of them away."))
            answer["numbers"] = [ALL_NUMBERS]
        elif not answer.get("numbers") and "numbers" not in self.errors:
            self.add_error("numbers", _("Say which numbers, or tick “Every number”."))
        return answer


class SendForm(NumbersForm):
    """To which queue or outside number."""

    target_queue = forms.ModelChoiceField(
        Queue.objects.select_related("calendar"),
        required=False,
        label=_("To the queue"),
        help_text=_("It takes everybody who calls, or writes where it has a team. It must be published."),
    )
    outside = forms.CharField(
        label=_("Or to the outside number"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "tel", "dir": "ltr"}),
        help_text=_(
            "With country code: +390212345678. Calls only; messages go on as ever. "
            "When it does not answer, the number's default queue is tried."
        ),
    )
    field_order = ("every", "numbers", "target_queue", "outside", "reason", "lasting", "until")

    def clean(self) -> dict[str, Any]:
        answer = super().clean()
        if bool(answer.get("target_queue")) == bool(answer.get("outside")) and "target_queue" not in self.errors:
            self.add_error("target_queue", _("Choose a queue or write an outside number: one of the two."))
        return answer

    def zone_of(self, answer: dict[str, Any]) -> tzinfo:
        queue = answer.get("target_queue")
        return zone_of(queue) if queue else self.zone


class AnnounceForm(NumbersForm):
    """Which extension speaks."""

    target_system = forms.ModelChoiceField(
        PhoneSystem.objects.all(),
        label=_("Phone system"),
        help_text=_("Where the extension is. It must be published."),
    )
    extension = forms.CharField(
        label=_("Extension of the announcement"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=_("What it plays is recorded in the phone system: 8900."),
    )
    field_order = ("every", "numbers", "target_system", "extension", "reason", "lasting", "until")
