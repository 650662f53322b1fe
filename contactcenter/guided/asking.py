"""Asking a colleague for one step, by mail. Where no mail is set up, the page has the link to copy."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from contactcenter.accounts import mail
from contactcenter.accounts.models import User
from contactcenter.foundation.models import GuidedSetUp
from contactcenter.guided.queues_step import ADD_SYSTEM
from contactcenter.guided.steps import ADD_ACCOUNT, CUSTOMERS, NUMBER, PUBLISH, QUEUES, TITLES, blocked, url_of

ROLES = "django.contrib.auth.backends.ModelBackend"
MOST_COLLEAGUES = 50
MAY_ANSWER = {
    NUMBER: "routing.add_number",
    QUEUES: ADD_SYSTEM,
    CUSTOMERS: "customers.change_crmconnection",
    PUBLISH: "routing.publish_release",
}
MAY_MAKE_THE_DRAFT = "routing.add_flow"


def colleagues(set_up: GuidedSetUp, step: str, user: Any) -> QuerySet[User]:
    """Who may answer `step` and has an e-mail address; nobody where no mail is set up, or nothing is begun."""
    if not mail.is_set_up() or set_up._state.adding or set_up.begun_by_id != user.pk:
        return User.objects.none()
    people: QuerySet[User] = User.objects.with_perm(_needed(set_up, step, user), backend=ROLES)
    return people.exclude(pk=user.pk).exclude(email="").order_by("username")


def _needed(set_up: GuidedSetUp, step: str, user: Any) -> str:
    """The permission by which a colleague can do what is in the way now."""
    if page_of(set_up, step, user) != url_of(set_up, step):
        return ADD_ACCOUNT
    return MAY_MAKE_THE_DRAFT if step == PUBLISH and not set_up.made else MAY_ANSWER[step]


def page_of(set_up: GuidedSetUp, step: str, user: Any) -> str:
    """The page that a colleague has to open: the step, or what has to be there before it."""
    hindered = blocked(set_up, step, user)
    return hindered.url if hindered else url_of(set_up, step)


def ask(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """Send the link to one of them."""
    user: Any = request.user
    set_up = get_object_or_404(GuidedSetUp, pk=pk, begun_by=user)
    if request.method != "POST" or name not in TITLES:
        raise PermissionDenied
    chosen = request.POST.get("colleague", "")
    person = colleagues(set_up, name, user).filter(pk=chosen).first() if chosen.isdecimal() else None
    if person is None:
        messages.warning(request, _("Choose a colleague."))
    elif _sent(person, user, TITLES[name], request.build_absolute_uri(page_of(set_up, name, user))):
        messages.success(request, _("The link was sent to %(person)s.") % {"person": person})
    else:
        messages.error(request, _("The mail server did not take it. Send the link yourself."))
    return redirect(url_of(set_up, name))


def _sent(person: User, by: User, step: Any, link: str) -> bool:
    with override(person.language or get_language()):
        subject = _("A step of the set-up waits for you")
        words = _(
            "%(who)s asks you for one step of setting up priority routing: “%(step)s”.\n\n"
            "Log in, and it opens here:\n%(link)s\n"
        )
        text = words % {"who": by.get_full_name() or by.get_username(), "step": step, "link": link}
    return mail.sent(person, subject, text)
