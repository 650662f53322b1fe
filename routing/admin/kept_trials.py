"""A tried call as a sample call of its flow: offered where it would end the same way, kept by one click."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from contactcenter.foundation.teams import may_touch
from contactcenter.foundation.translating import listed
from customers.models import LoyaltyTier
from queues.models import Queue
from routing import sampling
from routing.admin.trial_form import DRAFT, TrialForm
from routing.models import Number, SampleCall
from routing.models.sample_calls import CUSTOMER, GIVEN_APART
from routing.trial import Trial

PERMISSIONS = ("routing.change_flow", "routing.add_samplecall")


@dataclass(frozen=True)
class Sample:
    """`call` is ready to be stored; `note` says why it is not offered, or that it is there already."""

    call: SampleCall | None = None
    note: str = ""
    flow_url: str = ""

    @property
    def may_be_kept(self) -> bool:
        return self.call is not None and not self.note

    def keep(self) -> None:
        """Store it. Only where `may_be_kept`."""
        if self.call is not None:
            self.call.save()

    @classmethod
    def of(cls, user: Any, tried: Trial, number: Number, form: TrialForm) -> "Sample":
        """Nothing for whoever may not change the flow, and for a call that the draft did not lead through one."""
        is_by_draft = form.cleaned_data["by"] == DRAFT and tried.evaluation.choice is not None
        if not (is_by_draft and may_touch(user, number.flow) and all(map(user.has_perm, PERMISSIONS))):
            return NONE
        call = _sample(tried, number, form)
        if call is None:
            return NONE
        url = f"{reverse('admin:routing_flow_change', args=[number.flow_id])}#sample_calls-group"
        if there := _same(call):
            return cls(call, _("It is a sample call of this flow already: %(name)s.") % {"name": there}, url)
        try:
            reaches = sampling.rehearse(call, tried.document).queue
        except ValueError:
            return NONE  # what is known of this customer does not fit into lines
        if reaches != call.expected.slug:
            queue = tried.document["queues"].get(reaches, {}).get("name", _("no queue"))
            words = _(
                "It cannot be kept as a sample call: that one would reach %(queue)s. "
                "Sample calls know no switches, no full queues, no holidays and nothing that is fetched live."
            )
            return cls(call, words % {"queue": queue}, url)
        return cls(call, "", url)


NONE = Sample()


def _sample(tried: Trial, number: Number, form: TrialForm) -> SampleCall | None:
    """The call, unsaved: of the person only his tier, and what the branches looked at."""
    variables, at = tried.evaluation.variables, form.at
    expected = Queue.objects.filter(slug=tried.evaluation.answer.get("queue", "")).first()
    if expected is None:
        return None
    tier = LoyaltyTier.objects.filter(slug=variables.get("customer.tier", "")).first()
    who = tier.name if tier else _("A stranger")
    time = at.time().replace(second=0, microsecond=0)
    return SampleCall(
        flow=number.flow,
        name=listed([who, WEEKDAYS[at.weekday()], time_format(time)])[:80],
        number=number,
        tier=tier,
        known="\n".join(_known(tried)),
        weekday=at.weekday(),
        time=time,
        expected=expected,
    )


def _known(tried: Trial) -> list[str]:
    seen = {
        each.condition.variable: each.seen
        for verdict in tried.verdicts
        for group in verdict.groups
        for each in group
        if each.seen is not None and each.condition.variable.startswith(CUSTOMER)
    }
    facts = {name.removeprefix(CUSTOMER): value for name, value in sorted(seen.items())}
    return [
        f"{name} = {str(value).lower() if isinstance(value, bool) else value}"
        for name, value in facts.items()
        if name not in GIVEN_APART
    ]


def _same(call: SampleCall) -> SampleCall | None:
    """The one that is there already, whatever it is called."""
    there = SampleCall.objects.filter(
        flow=call.flow, number=call.number, tier=call.tier, weekday=call.weekday, known=call.known
    )
    return there.filter(expected=call.expected, time=call.time).first()
