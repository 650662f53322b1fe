"""A stored secret stays with the host it was typed for.

Whoever may edit an address but does not know the secret could otherwise have it sent to a host of his own.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

ORIGIN = re.compile(r"(https?)://([a-z0-9._\-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(?=[/?#]|\Z)", re.ASCII | re.IGNORECASE)
"""Scheme, host and port, and nothing that two programs could read differently: no user, no backslash."""


def origin(url: str) -> str:
    """Scheme, host and port of `url`; empty for whatever is not plainly an address."""
    match = ORIGIN.match(url)
    return match[0].lower() if match else ""


class KeepsSecretAtHome:
    """For a model form with a write-only secret: another host needs the secret typed again."""

    secret_field = "secret"  # noqa: S105 - the name of a field
    address_field = "url"
    instance: Any
    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()  # type: ignore[misc]  # of the form it is mixed into
        if self.keeps_stored_secret() and not self._same_host():
            self.add_error(  # type: ignore[attr-defined]  # the form has it
                self.secret_field,
                _("The address leads to another host than before: type the secret again, or remove it."),
            )
        return cleaned

    def keeps_stored_secret(self) -> bool:
        """Whether saving would go on using the secret that is stored."""
        typed = self.cleaned_data.get(self.secret_field)
        removed = f"{self.add_prefix(self.secret_field)}-remove" in self.data  # type: ignore[attr-defined]  # the form has it
        return bool(getattr(self.instance, self.secret_field)) and not typed and not removed

    def _same_host(self) -> bool:
        before = origin(getattr(self.instance, self.address_field))
        return bool(before) and before == origin(self.cleaned_data.get(self.address_field) or "")
