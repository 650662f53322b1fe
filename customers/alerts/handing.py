"""Hands one message to a destination, by e-mail or signed webhook, and says in words why it could not."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import orjson
from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.foundation import http, standard_webhooks
from customers.models import AlertDestination

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"

WORDS: dict[str, str | Promise] = {
    "no_mail_server": gettext_lazy("No mail server is set up. Your administrator sets EMAIL_URL."),
    "SMTPAuthenticationError": gettext_lazy("The mail server refused our name or password."),
    "SMTPRecipientsRefused": gettext_lazy("The mail server does not take mail for this address."),
    "SMTPSenderRefused": gettext_lazy("The mail server does not take mail from us (EMAIL_FROM)."),
    "ConnectionRefusedError": gettext_lazy("The mail server does not answer."),
    "gaierror": gettext_lazy("There is no mail server of the name that EMAIL_URL says."),
    "TimeoutError": gettext_lazy("The mail server did not answer in time."),
    "BadHeaderError": gettext_lazy("The address is not one e-mail address."),
    "bad_secret": gettext_lazy("The secret cannot be used: it begins with whsec_ and goes on in base64."),
    "refused": gettext_lazy("Nobody listens at this address."),
    "name_unknown": gettext_lazy("There is no host of this name."),
    "timeout": gettext_lazy("The receiver did not answer in time."),
    "deadline": gettext_lazy("The receiver did not answer in time."),
    "forbidden_address": gettext_lazy(
        "This address lies in a private network. Your administrator can allow it (PRIVATE_NETWORKS)."
    ),
    "certificate": gettext_lazy("The receiver's certificate is not valid."),
    "status_401": gettext_lazy("The receiver does not believe our signature (HTTP 401): does it have the same secret?"),
    "status_403": gettext_lazy("The receiver does not believe our signature (HTTP 403): does it have the same secret?"),
    "status_404": gettext_lazy("The receiver knows no such address (HTTP 404)."),
}


class NotTold(Exception):
    """A message could not be handed over; the text is a name in WORDS or of an error."""


def in_words(error: str) -> str:
    """Why a message could not be handed over, for a supervisor."""
    if error in WORDS:
        return str(WORDS[error])
    if error.startswith("status_"):
        return _("The receiver answered with an error (HTTP %(status)s).") % {"status": error.removeprefix("status_")}
    return _("It could not be handed over (%(error)s).") % {"error": error}


@dataclass(frozen=True)
class Message:
    """What is said: by mail `subject` and `text`, by webhook `document`. A repetition is known by its `id`."""

    id: str
    subject: str
    text: str
    document: dict[str, object]


def hand_over(destination: AlertDestination, message: Message, now: datetime) -> None:
    """Tell the destination. Raises NotTold."""
    if destination.kind == AlertDestination.Kind.EMAIL:
        _by_mail(destination, message)
    else:
        _by_webhook(destination, message, now)


def hand_over_test(destination: AlertDestination) -> None:
    """Tell the destination that this is only a test. Raises NotTold."""
    now, text = timezone.now(), _("This is a test: alerts of the contact centre would come here. Nothing is wrong.")
    document: dict[str, object] = {"type": "alert.test", "timestamp": now.isoformat(), "data": {"text": text}}
    hand_over(
        destination, Message(str(uuid4()), _("A test of the contact centre's alerts"), f"{text}\n", document), now
    )


def _by_mail(destination: AlertDestination, message: Message) -> None:
    if settings.EMAIL_BACKEND == NO_MAIL:
        raise NotTold("no_mail_server")
    try:
        # A name that came from a spreadsheet may have a line break; no mail has one in its subject.
        send_mail(" ".join(message.subject.split()), message.text, None, [destination.address])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotTold(type(error).__name__) from None  # its text may hold the address


def _by_webhook(destination: AlertDestination, message: Message, now: datetime) -> None:
    body = orjson.dumps(message.document)
    try:
        signed = standard_webhooks.sign(body, message.id, str(int(now.timestamp())), destination.secret)
        headers = {"Content-Type": "application/json", **signed}
        answer = http.fetch(
            "POST", destination.address, headers=headers, body=body, connect_s=3, read_s=10, deadline_s=15
        )
    except http.FetchError as error:
        raise NotTold(error.code) from None
    except ValueError:
        raise NotTold("bad_secret") from None
    if not 200 <= answer.status < 300:
        raise NotTold(f"status_{answer.status}")
