"""Texts of packages that lack them in one of our languages, so that they are translated here. Nothing reads this.

`tests/portal/test_marked.py` finds what is missing.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

SORTABLE_ROWS = (_("Move to first position"), _("Move to last position"))
FORMS = (
    _("Constraint “%(name)s” is violated."),
    _("Enter a valid domain name."),
    _("Enter a valid %(protocol)s address."),
    _("Ensure this value is a multiple of step size %(limit_value)s."),
    ngettext_lazy("Please submit at most %(num)d form.", "Please submit at most %(num)d forms.", "num"),
    ngettext_lazy("Please submit at least %(num)d form.", "Please submit at least %(num)d forms.", "num"),
)
ADMIN = (
    _("Add link"),
    _("Change or view list link"),
    _("Error:"),
    _("Model name"),
    _("Set password"),
)
LOGINS = (
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Conflicting form data submitted. Please try again."),
    _("Disable password-based authentication"),
    _("Disabled"),
    _("Enable password-based authentication"),
    _("Enable password-based authentication for this user by setting a password."),
    _("Enabled"),
    _("Password-based authentication"),
    _("Password-based authentication was disabled."),
    _("Raw passwords are not stored, so there is no way to see the user’s password."),
    _("Reset password"),
    _("Set password: %s"),
    _("This action will <strong>enable</strong> password-based authentication for this user."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        "min_length",
    ),
    _(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
        "authenticate using other backends, such as Single Sign-On or LDAP."
    ),
)
