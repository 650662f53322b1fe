"""The form of “Try a call”: who calls which number, when, and what decides. It never opens with an error."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation.team_admin import limit
from contactcenter.foundation.teams import visible
from contactcenter.foundation.translating import named
from routing import publishing, trial
from routing.admin.decision_search import decision_of, key_in
from routing.masking import SEES_CALLERS, masked
from routing.models import Decision, Number

OTHER, OF_DECISION = "other", "decision"
DRAFT, LIVE = "draft", "live"
MOST_NUMBERS = 200
CALLS_FIRST = (Case(When(channel="voice", then=0), default=1), "label", "address")


class TrialForm(forms.Form):
    """Callers are named by what they are: no number stands in the page or in its address but one that is typed."""

    number = forms.ModelChoiceField(
        Number.objects.select_related("flow", "account").order_by(*CALLS_FIRST),
        label=gettext_lazy("Number called"),
        help_text=gettext_lazy("Where the contact comes in."),
    )
    caller = forms.ChoiceField(
        label=gettext_lazy("Who calls"), help_text=gettext_lazy("One real customer of every tier, and others.")
    )
    address = forms.CharField(
        label=gettext_lazy("Another number"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("With country code, such as +39 333 123 4567."),
        widget=forms.TextInput(attrs={"data-shown-by": "caller", "data-shown-for": OTHER, "dir": "ltr"}),
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (trial.NOW, gettext_lazy("now")),
            (trial.TONIGHT, gettext_lazy("tonight at 22:00")),
            (trial.SUNDAY, gettext_lazy("Sunday at 11:00")),
            (OTHER, gettext_lazy("another time")),
        ],
        help_text=gettext_lazy("On the clock of the number called."),
    )
    moment = forms.DateTimeField(
        label=gettext_lazy("Day and time"),
        required=False,
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M",
            attrs={"type": "datetime-local", "data-shown-by": "when", "data-shown-for": OTHER},
        ),
    )
    by = forms.ChoiceField(
        label=gettext_lazy("What decides"),
        choices=[
            (DRAFT, gettext_lazy("the draft, as it is being edited")),
            (LIVE, gettext_lazy("the live release, as calls follow it")),
        ],
        help_text=gettext_lazy("What is not published yet is in the draft only."),
    )
    decision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        limit(self, request.user)
        self.known = trial.ready_made()
        self.of_decision = decision_of(request)
        fields: Any = self.fields
        fields["caller"].choices = [*self._callers(request), (OTHER, _("another number"))]
        chosen = (data or {}).get("number") or self.initial.get("number")
        fields["number"].choices = [(each.pk, str(each)) for each in offered(fields["number"].queryset, chosen)]

    def _callers(self, request: HttpRequest) -> list[tuple[str, str]]:
        sees_names = request.user.has_perm("customers.view_customer")
        found = [(each.key, each.label if sees_names else each.nameless) for each in self.known]
        if self.of_decision is None:
            return found
        caller = self.of_decision.caller
        shown = caller if request.user.has_perm(SEES_CALLERS) else masked(caller)
        return [(OF_DECISION, named(_("The caller of this decision"), shown or _("hidden"))), *found]

    def clean(self) -> dict[str, Any]:
        """Refuses “another” number or time without one, and the live release before the first is published."""
        given = super().clean() or {}
        if given.get("caller") == OTHER and not given.get("address"):
            self.add_error("address", _("Type the number that calls."))
        if given.get("when") == OTHER and not given.get("moment") and "moment" not in self.errors:
            self.add_error("moment", _("Choose the day and the time."))
        if given.get("by") == LIVE and publishing.live() is None:
            self.add_error("by", _("Nothing is published yet: try the draft."))
        return given

    @property
    def calls_from(self) -> str:
        """The address of whoever calls."""
        key = self.cleaned_data["caller"]
        if key == OF_DECISION and self.of_decision:
            return self.of_decision.caller or trial.HIDDEN
        return next((each.address for each in self.known if each.key == key), self.cleaned_data["address"])

    @property
    def at(self) -> datetime:
        """The moment of the call, on the clock of the number called."""
        zone = ZoneInfo(self.cleaned_data["number"].time_zone)
        if self.cleaned_data["when"] == OTHER:
            chosen: datetime = self.cleaned_data["moment"]
            return timezone.localtime(chosen).replace(tzinfo=zone)
        return trial.moment(self.cleaned_data["when"], zone, timezone.now())


def form_of(request: HttpRequest) -> TrialForm:
    """The form as it was sent; with a sensible choice for whoever comes from elsewhere, and answered for a decision."""
    sent: QueryDict = request.POST if request.method == "POST" else request.GET
    if "by" in sent:
        return TrialForm(request, sent)
    decision = decision_of(request)
    number = _number(request, decision)
    if decision is not None and number is not None:
        same = {"number": number.pk, "caller": OF_DECISION, "decision": decision.pk, "when": trial.NOW, "by": DRAFT}
        return TrialForm(request, same)
    return TrialForm(request, initial={"number": number.pk if number else None})


def offered(numbers: QuerySet[Number], chosen: Any) -> list[Number]:
    """The first numbers, and the chosen one: a list of ten thousand is no choice."""
    found = list(numbers[:MOST_NUMBERS])
    missing = key_in(chosen) not in {0, *(each.pk for each in found)}
    return [*numbers.filter(pk=key_in(chosen)), *found] if missing else found


def _number(request: HttpRequest, decision: Decision | None) -> Number | None:
    """The number of the decision, of the address or of the flow named in it; else the first that leads into a flow."""
    numbers = visible(Number.objects.order_by(*CALLS_FIRST), request.user)
    if decision is not None:
        return numbers.filter(channel=decision.channel, address=decision.number).first()
    asked = numbers.filter(Q(pk=key_in(request.GET.get("number"))) | Q(flow=key_in(request.GET.get("flow"))))
    return asked.first() or numbers.filter(flow__isnull=False).first()
