"""What a what-if is asked about, and what is known of it before anybody types."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queues.arrivals import TierCalls
from queues.priorities import FIRST_CLASS, LAST_CLASS
from queues.waiting import Load
from queues.waiting_by_class import Callers

MOST_AGENTS = 500
MOST_CALLS = 20_000

COLUMNS = ("calls", "handling_s", "class", "head_start_s")
OTHERS = "_others"


@dataclass(frozen=True)
class Asked:
    """A filled-in form: names and callers by row, without the rows on which nobody calls."""

    names: Sequence[str]
    callers: Sequence[Callers]
    agents: int
    own: int
    percent: int
    within_s: int
    promised_s: int

    @property
    def first(self) -> int:
        """The place of the tier that goes first."""
        return min(range(len(self.callers)), key=self._turn)

    @property
    def last(self) -> int:
        """The place of the tier that goes last."""
        return max(range(len(self.callers)), key=self._turn)

    def _turn(self, place: int) -> tuple[int, float, int]:
        return self.callers[place].priority_class, -self.callers[place].head_start_s, place


class WhatIfForm(forms.Form):
    """A row of fields for each tier, and the agents, the target and the promise for all."""

    agents = forms.IntegerField(
        label=_("Agents"), min_value=1, max_value=MOST_AGENTS, help_text=_("Who take calls at the same time.")
    )
    own = forms.IntegerField(
        label=_("Of them for the first tier alone"),
        min_value=0,
        max_value=MOST_AGENTS,
        required=False,
        help_text=_(
            "To compare: as if the tier that goes first had a queue with agents of its own. Empty: no comparison."
        ),
    )
    patience_s = forms.IntegerField(
        label=_("Seconds until callers hang up"),
        min_value=1,
        max_value=7200,
        required=False,
        help_text=_("How long callers are willing to wait, on average. Empty: nobody ever hangs up."),
    )
    percent = forms.IntegerField(
        label=_("Target: percent answered in time"), min_value=1, max_value=99, help_text=_("80 or 90 is usual.")
    )
    within_s = forms.IntegerField(
        label=_("In time means within (seconds)"), min_value=0, max_value=3600, help_text=_("20 is usual.")
    )
    promised_s = forms.IntegerField(
        label=_("Longest promised wait of the last tier (seconds)"),
        min_value=10,
        max_value=7200,
        help_text=_("What nobody should wait longer than, whoever goes first."),
    )

    def __init__(self, tiers: Sequence[TierCalls], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tiers = tiers
        for tier in tiers:
            for column, field in _row_fields().items():
                field.widget.attrs["aria-label"] = f"{tier_name(tier)}: {field.label}"
                self.fields[row_name(column, tier)] = field
                if column == "handling_s":
                    field.widget.attrs["placeholder"] = gettext("not reported")
        self.fields["agents"].widget.attrs["placeholder"] = gettext("not reported")

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The name of each tier, and its fields."""
        return [(tier_name(tier), [self[row_name(column, tier)] for column in COLUMNS]) for tier in self.tiers]

    def others(self) -> list[forms.BoundField]:
        """The fields that are not of one tier."""
        return [self[name] for name in self.base_fields]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        agents, own = found.get("agents"), found.get("own")
        if agents is not None and own is not None and own >= agents:
            self.add_error("own", _("Some agents must be left for all the others."))
        calling = [tier for tier in self.tiers if found.get(row_name("calls", tier))]
        for name in (row_name("handling_s", tier) for tier in calling):
            if name in found and found[name] is None:
                self.add_error(name, self.fields[name].error_messages["required"])
        if not calling and not self.errors:
            raise ValidationError(_("Nobody calls: say of at least one tier how many calls there are."))
        return found

    def asked(self) -> Asked:
        """What a valid form asks."""
        found = self.cleaned_data
        calling = [tier for tier in self.tiers if found[row_name("calls", tier)]]
        return Asked(
            [tier_name(tier) for tier in calling],
            [_callers(found, tier) for tier in calling],
            found["agents"],
            found["own"] or 0,
            found["percent"],
            found["within_s"],
            found["promised_s"],
        )


def _callers(found: dict[str, Any], tier: TierCalls) -> Callers:
    calls, handling_s, priority_class, head_start_s = (found[row_name(column, tier)] for column in COLUMNS)
    return Callers(Load(calls, handling_s, found["patience_s"]), priority_class, head_start_s or 0)


def _row_fields() -> dict[str, forms.IntegerField]:
    return {
        "calls": forms.IntegerField(
            label=_("Calls in the hour"),
            min_value=0,
            max_value=MOST_CALLS,
            required=False,
            help_text=_("In the busiest hour. Empty: none."),
        ),
        "handling_s": forms.IntegerField(
            label=_("Handling time (s)"),
            min_value=1,
            max_value=7200,
            required=False,
            help_text=_("Talk, and work after the call."),
        ),
        "class": forms.IntegerField(
            label=_("Priority class"), min_value=FIRST_CLASS, max_value=LAST_CLASS, help_text=_("1 is served first.")
        ),
        "head_start_s": forms.IntegerField(
            label=_("Head start (s)"),
            min_value=0,
            max_value=86_400,
            required=False,
            help_text=_("Counts as waited, among callers of the same class."),
        ),
    }


def row_name(column: str, tier: TierCalls) -> str:
    """The name of a tier's field."""
    return f"{column}_{tier.tier or OTHERS}"


def tier_name(tier: TierCalls) -> str:
    return tier.name or gettext("Callers without a tier")
