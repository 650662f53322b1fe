"""Third step: which customers matter, and how we know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import CrmConnection, LoyaltyTier

FEED, LIST, COLLEAGUE = "feed", "list", "colleague"


@dataclass(frozen=True)
class Usual:
    """A tier of a portal that has none yet; it is made with the draft, or with a list."""

    slug: str
    name: Any
    rank: int


USUAL = (Usual("gold", _("Gold"), 3), Usual("silver", _("Silver"), 2), Usual("bronze", _("Bronze"), 1))


def tiers() -> list[tuple[str, str]]:
    """Short names and names, the most valuable first: those there are, else the usual ones."""
    found = [(tier.slug, tier.name) for tier in LoyaltyTier.objects.order_by("-rank")]
    return found or [(each.slug, str(each.name)) for each in USUAL]


def is_crm_connected() -> bool:
    """Whether there is a CRM that is read each night; a list is none."""
    return CrmConnection.objects.filter(is_enabled=True).exclude(connector="upload").exists()


def make_tiers() -> None:
    """The usual tiers, where there are none."""
    if not LoyaltyTier.objects.exists():
        for each in USUAL:
            LoyaltyTier.objects.create(slug=each.slug, name=str(each.name), rank=each.rank)


class CustomersStep(forms.Form):
    """Which tiers go to which queue, and where we learn who is in them."""

    vip = forms.MultipleChoiceField(
        label=_("VIP customers"),
        help_text=_("Who is in one of these tiers reaches the VIP queue."),
        widget=forms.CheckboxSelectMultiple,
    )
    priority = forms.MultipleChoiceField(
        required=False,
        label=_("Priority customers"),
        help_text=_("Who is in one of these tiers reaches the priority queue. Everyone else goes to the third queue."),
        widget=forms.CheckboxSelectMultiple,
    )
    how = forms.ChoiceField(
        label=_("How do we know them?"),
        help_text=_("Who is in which tier can come from your CRM, or from a list."),
        choices=[
            (FEED, _("the CRM tells us each night")),
            (LIST, _("I have a list of my VIP customers")),
            (COLLEAGUE, _("a colleague will connect the CRM")),
        ],
    )
    text = forms.CharField(
        required=False,
        label=_("The list, pasted"),
        help_text=_("A column of phone numbers, or lines copied from a spreadsheet. Everybody in it becomes VIP."),
        widget=forms.Textarea(
            attrs={"rows": 6, "class": "vLargeTextField", "data-shown-by": "how", "data-shown-for": LIST}
        ),
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=_("Or a file"),
        help_text=_("A CSV file, at most 10 MB."),
        widget=forms.FileInput(attrs={"data-shown-by": "how", "data-shown-for": LIST}),
    )

    def __init__(self, may_hand_in: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = tiers()
        for name, usual in (("vip", offered[:1]), ("priority", offered[1:2])):
            field: Any = self.fields[name]
            field.choices, field.initial = offered, [slug for slug, _name in usual]
        how: Any = self.fields["how"]
        if not may_hand_in:
            del self.fields["text"], self.fields["file"]
            how.choices = [(value, label) for value, label in how.choices if value != LIST]
        how.initial = FEED if is_crm_connected() else how.choices[1][0]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how") == FEED and not is_crm_connected():
            self.add_error("how", _("No CRM is connected yet. Choose another way; it can be connected later."))
        names = dict(tiers())
        for slug in given.get("vip", ()):
            if slug in given.get("priority", ()):
                self.add_error("priority", _("%(tier)s is ticked for VIP already.") % {"tier": names[slug]})
        return given


def lead(given: Mapping[str, Any]) -> str:
    """The most valuable of the VIP tiers: that of a list."""
    return next(slug for slug, _name in tiers() if slug in given["vip"])
