"""How a superuser adds a person, and changes one."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.accounts.models import User


class _OneAddress(forms.ModelForm):
    """People log in by their e-mail address, so no two share one."""

    def clean_email(self) -> str:
        address = (self.cleaned_data.get("email") or "").lower()
        if address and User.objects.filter(email=address).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody else has this address already."))
        return address


class NewPersonForm(_OneAddress):
    """A person with an e-mail address and a role; the password is for the person to choose."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"), help_text=gettext_lazy("Where the invitation goes. The person logs in by it.")
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("A short name to log in by. Empty: the e-mail address."),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.all(),
        label=gettext_lazy("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the person may do. Without a role nothing in the portal is open."),
    )

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "username", "groups")

    def clean(self) -> dict[str, Any]:
        words: dict[str, Any] = super().clean() or self.cleaned_data
        words["username"] = words.get("username") or words.get("email", "")
        return words

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = True
        self.instance.set_unusable_password()
        person: User = super().save(commit)
        return person


class PersonForm(_OneAddress, UserChangeForm):
    """Django's own form of a user, with one address for one person."""
