"""A superuser adds a person; a link, good for three days and once, lets the person set a password."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from contactcenter.accounts import links, mail
from contactcenter.accounts.models import AccessLink, User
from contactcenter.foundation.logs import logger
from contactcenter.foundation.noting import noted

log = logger(__name__)


def invite(person: User, request: HttpRequest, *, by: User) -> None:
    """Send the link by mail and say so; where there is no mail, show it once to whoever invites."""
    token = links.make(person, AccessLink.Purpose.INVITATION, by=by, now=timezone.now())
    address = request.build_absolute_uri(reverse("open_link", args=[token]))
    LogEntry.objects.log_actions(
        by.pk, User.objects.filter(pk=person.pk), CHANGE, change_message=_("Invited."), single_object=True
    )
    noted.send(None, action="invited", thing=person, user_id=by.pk)
    log.info("person_invited", person=person.pk, by=by.pk)
    if not mail.is_set_up() or not person.email:
        words = _("No mail was sent. Hand this link over yourself: it is shown only now, is good for 3 days and once.")
        messages.warning(request, format_html('{} <bdi class="handed-link">{}</bdi>', words, address))
    elif _sent(person, by, address):
        messages.success(request, _("The invitation was sent to %(address)s.") % {"address": person.email})
    else:
        words = _("The mail server did not take the invitation. Ask your operator, then press “Send again”.")
        messages.error(request, words)


def _sent(person: User, by: User, address: str) -> bool:
    words = {"person": person, "by": by.get_full_name() or by.get_username(), "address": address}
    with override(person.language or get_language()):
        subject, text = _("Your login to priority routing"), render_to_string("account/email/invitation.txt", words)
    return mail.sent(person, subject, text)


def state(person: User) -> str:
    """In words: invited, accepted, expired; nothing for whoever was never invited."""
    invited = _invitations(person)
    if not invited:
        return ""
    if is_accepted(person):
        return _("accepted")
    return _("invited") if invited[0].expires_at > timezone.now() else _("invitation expired")


def is_accepted(person: User) -> bool:
    """Whether the person came in, by an invitation or otherwise."""
    return person.last_login is not None or any(link.used_at for link in _invitations(person))


def _invitations(person: User) -> list[AccessLink]:
    """The newest first."""
    return [link for link in person.access_links.all() if link.purpose == AccessLink.Purpose.INVITATION]
