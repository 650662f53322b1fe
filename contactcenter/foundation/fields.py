"""A text field that is encrypted in the database."""

from typing import TYPE_CHECKING, Any

from django.db import models

from contactcenter.foundation.encryption import decrypt, encrypt

if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField  # not subscriptable at run time


class EncryptedTextField(TextField):
    """Plain text in Python, a Fernet token in the database. Never searchable."""

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(str(value))

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return None if value is None else decrypt(value)
