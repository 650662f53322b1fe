"""System checks of the portal: a wrong deployment is told at start-up, not by a caller."""

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

WEAKEST_KEY = 32
"""Fewest characters of DECISION_ID_KEY."""


@register(Tags.security)
def encryption_keys_are_usable(**_: Any) -> list[CheckMessage]:
    """Secrets can be stored: at least one key, each of them a Fernet key."""
    keys = settings.FIELD_ENCRYPTION_KEYS
    if keys and all(_is_fernet_key(key) for key in keys):
        return []
    return [
        Error(
            "FIELD_ENCRYPTION_KEYS holds no key, or one that is not a Fernet key.",
            hint="Make one with cryptography's Fernet.generate_key(); put a new key in front of the old ones.",
            id="contactcenter.E001",
        )
    ]


@register(deploy=True)
def embedded_parts_are_not_deployed(**_: Any) -> list[CheckMessage]:
    """What `make run` uses in place of servers is for one machine and one person."""
    found: list[CheckMessage] = []
    if settings.EMBEDDED_DATABASE:
        found.append(
            Error("The database is SQLite.", hint="Set DATABASE_URL to a PostgreSQL.", id="contactcenter.E002")
        )
    if settings.EMBEDDED_BROKER:
        found.append(
            Error("Celery's broker is a folder.", hint="Set REDIS_URL to a Redis or Valkey.", id="contactcenter.E003")
        )
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        found.append(
            Error("Each process has a cache of its own.", hint="Set REDIS_URL, the cache.", id="contactcenter.E004")
        )
    return found


@register(deploy=True)
def calls_have_a_last_resort(**_: Any) -> list[CheckMessage]:
    """A decide host that holds no release yet still has somewhere to send a call."""
    if settings.EMERGENCY_TARGET:
        return []
    return [
        Error(
            "EMERGENCY_TARGET is not set: without a release, calls have nowhere to go.",
            hint="Set it to a SIP address or a phone number that somebody answers.",
            id="contactcenter.E005",
        )
    ]


@register(Tags.security, deploy=True)
def decision_ids_cannot_be_guessed(**_: Any) -> list[CheckMessage]:
    """The key behind decision ids is long, and is not the one behind sessions."""
    key = settings.DECISION_ID_KEY
    if len(key) >= WEAKEST_KEY and key != settings.SECRET_KEY:
        return []
    return [
        Error(
            "DECISION_ID_KEY is missing, shorter than 32 characters, or the same as SECRET_KEY.",
            hint="Set it to 32 random characters or more, the same on every decide host, and keep it when SECRET_KEY "
            "changes: a repeated question is recognised by it.",
            id="contactcenter.E006",
        )
    ]


@register(Tags.security, deploy=True)
def the_portal_is_reached_by_https(**_: Any) -> list[CheckMessage]:
    """Passwords and API keys do not travel in the clear."""
    plain = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if not origin.startswith("https://")]
    if not settings.INSECURE_HTTP and not plain:
        return []
    return [
        Error(
            "The portal is served over plain HTTP.",
            hint="Unset INSECURE_HTTP, and begin every address in CSRF_TRUSTED_ORIGINS with https://.",
            id="contactcenter.E007",
        )
    ]


@register(Tags.security)
def the_live_folder_is_private(**_: Any) -> list[CheckMessage]:
    """Customers' facts and encrypted secrets lie in it."""
    folder = settings.LIVE_DIR
    if not folder.is_dir() or not folder.stat().st_mode & 0o077:
        return []
    return [
        Error(
            "Other users of this host can look into LIVE_DIR.",
            hint="chmod 0700 on the folder that LIVE_DIR names.",
            id="contactcenter.E008",
        )
    ]


@register(Tags.database, Tags.security, deploy=True)
def what_is_set_up_can_be_deployed(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """What people have set up in the portal. Runs with `check --deploy --database default`."""
    if not databases:
        return []
    from contactcenter import database_checks  # the dialects and the formats of files: no other check needs them

    return list(database_checks.found())


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
