"""What people type to get in, in words of the portal."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contactcenter.accounts import login_limits

TOO_MANY = _("Too many wrong codes. Try again in an hour, or ask a superuser to take the second factor away.")


def _say(field: forms.Field, label: Any, help_text: Any) -> None:
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)


class LoginForm(account.LoginForm):
    """User name or e-mail, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["login"], _("User name or e-mail"), _("As it stands in your invitation."))
        _say(self.fields["password"], _("Password"), _("Capital and small letters differ."))
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True, "dir": "ltr"}


class ForgottenForm(account.ResetPasswordForm):
    """Where to send the link for a new password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["email"], _("E-mail"), _("The address at which you were invited."))


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["password1"], _("New password"), password_validators_help_text_html())
        _say(self.fields["password2"], _("New password again"), _("The same once more, so that no slip gets in."))


class PasswordAgainForm(account.ReauthenticateForm):
    """The password once more, before something that must not be done by whoever finds a screen unlocked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["password"], _("Password"), _("The one that you log in with."))


class FirstPasswordForm(SetPasswordForm):
    """The password of somebody who was invited."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["new_password1"], _("Password"), password_validators_help_text_html())
        _say(self.fields["new_password2"], _("Password again"), _("The same once more, so that no slip gets in."))


class _Counted(forms.Form):
    """Wrong codes are counted in the database: each process has a cache of its own where there is no Redis."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["code"], _("Code"), _("Six digits from your app, or one of your recovery codes."))
        self.fields["code"].widget.attrs |= {"autofocus": True, "dir": "ltr"}

    def clean_code(self) -> str:
        attempt = login_limits.code(self.user.pk, timezone.now())
        if attempt is None:
            raise forms.ValidationError(TOO_MANY)
        code: str = super().clean_code()  # type: ignore[misc]  # of the form that it is mixed into
        attempt.was_right()
        return code


class CodeForm(_Counted, mfa.AuthenticateForm):
    """The second factor, at the login."""


class CodeAgainForm(_Counted, mfa.ReauthenticateForm):
    """The second factor once more."""


class FirstCodeForm(ActivateTOTPForm):
    """The first code of an app that has just been set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["code"], _("Code"), _("The six digits that the app shows now."))
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "dir": "ltr"}
