"""Whether the portal can send mail to people at all."""

from django.conf import settings

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def is_set_up() -> bool:
    """False as long as EMAIL_URL names no server."""
    return settings.EMAIL_BACKEND != NO_MAIL
