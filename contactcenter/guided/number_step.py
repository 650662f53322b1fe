"""First step: which number, and on which account it comes in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import teams
from contactcenter.foundation.naming import zones
from customers.addresses import NO_COUNTRY, caller_address
from routing.admin.numbers import SHORT_CODE
from routing.models import Number, ProviderAccount

VOICE = "voice"


class NumberStep(forms.Form):
    """What people dial."""

    address = forms.CharField(
        max_length=64,
        label=_("Number that people call"),
        help_text=_("With country code: +390212345678."),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr", "inputmode": "tel", "autocomplete": "off"}),
    )
    label = forms.CharField(
        max_length=60,
        label=_("What it is called"),
        help_text=_("Such as: Service hotline Italy."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    account = forms.ModelChoiceField(
        ProviderAccount.objects.filter(is_enabled=True),
        label=_("Telephone line"),
        help_text=_("The account at the provider where the number is rented."),
        empty_label=_("choose one"),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("What “now” means for this number."),
        initial=settings.TIME_ZONE,
        choices=zones,
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.existing: Number | None = None
        accounts = list(ProviderAccount.objects.filter(is_enabled=True)[:2])
        if len(accounts) == 1:
            self.fields["account"].initial = accounts[0]

    def clean_address(self) -> str:
        typed = "".join(self.cleaned_data["address"].split())
        address = caller_address(typed, NO_COUNTRY) or (typed if SHORT_CODE.fullmatch(typed) else "")
        if not address:
            raise ValidationError(_("Give the number with its country code: +390212345678."))
        found = Number.objects.select_related("flow").filter(channel=VOICE, address=address).first()
        if found is not None and not teams.may_touch(self.user, found):
            raise ValidationError(_("This number belongs to another team."))
        if found is not None and found.flow is not None:
            words = _("This number leads into the flow “%(flow)s” already. Change that flow, or choose another number.")
            raise ValidationError(words, params={"flow": found.flow.name})
        self.existing = found
        return address
