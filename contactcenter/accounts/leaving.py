"""What follows when a person may no longer log in, or a role goes: said before it happens."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from contactcenter.accounts.models import User
from contactcenter.foundation.consequences import Consequence, Use, consequence, further
from routing import planning

_PLANNED = Use(
    ngettext_lazy(
        "%(count)s release that this person planned happens all the same",
        "%(count)s releases that this person planned happen all the same",
        "count",
    )
)
_MEMBERS = Use(ngettext_lazy("%(count)s person has this role", "%(count)s people have this role", "count"))


@further(User)
def leaving(people: Sequence[User], user: Any) -> Iterator[Consequence]:
    """What ends for them at once, what goes on without them, and whether anybody is left who lets people in."""
    yield Consequence(_("Logged out at once: no password and no link opens the portal any more."))
    planned = planning.ahead().filter(planned_by__in=people)
    if count := planned.count():
        yield consequence(_PLANNED, planned, count, user)
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk__in=[each.pk for each in people])
    if any(each.is_superuser for each in people) and not others.exists():
        yield Consequence(_("Nobody else is a superuser: nobody could invite people or help them in again."))


@further(Group)
def members(groups: Sequence[Group], user: Any) -> Iterator[Consequence]:
    """Who may do less from then on."""
    people = User.objects.filter(groups__in=groups).distinct()
    if count := people.count():
        yield consequence(_MEMBERS, people, count, user)
