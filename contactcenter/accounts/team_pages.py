"""Teams: who looks after which numbers, flows and queues."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contactcenter.accounts.models import User
from contactcenter.foundation.admin import PortalAdmin
from contactcenter.foundation.consequences import Consequence, Use, consequence, further
from contactcenter.foundation.models import Team
from contactcenter.foundation.uses_in_lists import ShowsUses


@admin.register(Team)
class TeamAdmin(ShowsUses, PortalAdmin):
    """A team: its people are chosen on their own pages, and so are its numbers, flows and queues."""

    about = _(
        "A team looks after its own numbers, flows and queues. Whoever is in a team changes nothing of another one."
    )
    list_display = ("name", "how_many_people", "used_by")
    search_fields = ("name",)
    fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(member_count=Count("people"))

    @admin.display(description=_("people"), ordering="member_count")
    def how_many_people(self, team: Any) -> int:
        return int(team.member_count)


_LIMITED = Use(ngettext_lazy("%(count)s person is limited to it", "%(count)s people are limited to it", "count"))


@further(Team)
def limited(teams: Sequence[Team], user: Any) -> Iterator[Consequence]:
    """Whoever is of no team is limited by nothing: his last one must not go by the way."""
    people = User.objects.filter(teams__in=teams).distinct()
    if count := people.count():
        yield consequence(_LIMITED, people, count, user, is_in_the_way=True)
