"""What a superuser does for a person beyond the form: invite again, take a lost second factor away."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contactcenter.accounts import invitations
from contactcenter.accounts.models import User
from contactcenter.foundation.logs import logger
from contactcenter.foundation.noting import noted

log = logger(__name__)


@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link; the former one is no longer good."""
    superuser, person = _superuser(request), get_object_or_404(User, pk=pk)
    invitations.invite(person, request, by=superuser)
    return redirect("admin:accounts_user_change", pk)


@require_POST
def forget_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """The person logs in by password alone until he has set up a new one."""
    superuser, person = _superuser(request), get_object_or_404(User, pk=pk)
    Authenticator.objects.filter(user=person).delete()
    words = _("Second factor taken away.")
    LogEntry.objects.log_actions(
        superuser.pk, User.objects.filter(pk=pk), CHANGE, change_message=words, single_object=True
    )
    noted.send(None, action="factor_taken", thing=person, user_id=superuser.pk)
    log.warning("second_factor_taken_away", person=pk, by=superuser.pk)
    messages.success(request, _("The second factor is gone: until a new one is set up, the password alone lets in."))
    return redirect("admin:accounts_user_change", pk)


def _superuser(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not request.user.is_superuser:
        raise PermissionDenied
    return request.user
