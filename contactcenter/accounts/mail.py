"""Mail to a person who logs in: whether there is any, and a letter that may not arrive."""

import smtplib

from django.conf import settings
from django.core.mail import send_mail

from contactcenter.accounts.models import User
from contactcenter.foundation.logs import logger

log = logger(__name__)

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"


def is_set_up() -> bool:
    """False as long as EMAIL_URL names no server."""
    return settings.EMAIL_BACKEND != NO_MAIL


def sent(person: User, subject: str, text: str) -> bool:
    """Send it; False where the mail server did not take it."""
    try:
        send_mail(subject, text, None, [person.email])
    except (smtplib.SMTPException, OSError) as error:
        log.warning("mail_not_sent", person=person.pk, error=type(error).__name__)
        return False
    return True
