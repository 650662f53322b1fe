"""Secrets at rest: Fernet (AES-128-CBC and HMAC-SHA256) under the keys of FIELD_ENCRYPTION_KEYS."""

from contextlib import suppress
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is empty: secrets cannot be stored.")
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(plain: str) -> str:
    """`plain` under the first of FIELD_ENCRYPTION_KEYS; empty text stays empty."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(plain.encode()).decode() if plain else ""


def decrypt(token: str) -> str:
    """The text behind `token`, under any of the keys. Raises ValueError when none fits."""
    if not token:
        return ""
    try:
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ValueError("This secret was encrypted with a key that is no longer configured.") from error


def renewed(token: str) -> str | None:
    """`token` under the first key; None when it is already. Raises ValueError when no key fits."""
    if not token:
        return None
    with suppress(InvalidToken):
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(token.encode())
        return None
    return encrypt(decrypt(token))
