"""API keys: made once, shown once, kept as a hash."""

import hashlib
import secrets
from typing import Final

from django.utils import timezone

from routing.models import ApiKey

BEGINS_WITH: Final = "cc_"
SHOWN_CHARACTERS = 8


def issue(key: ApiKey) -> str:
    """Give the new `key` its secret and save it. The full key is returned here and nowhere else, ever."""
    plain = BEGINS_WITH + secrets.token_urlsafe(32)
    key.prefix = plain[:SHOWN_CHARACTERS]
    key.sha256 = fingerprint(plain)
    key.save()
    return plain


def fingerprint(plain: str) -> str:
    """What is stored of a key: SHA-256 in hexadecimal. A key has 256 random bits, so no salt is needed."""
    return hashlib.sha256(plain.encode()).hexdigest()


def revoke(key: ApiKey) -> None:
    """Refuse `key` from now on. Revoking twice keeps the first time."""
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
