"""What the list of numbers says of their use."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from routing import number_use
from routing.models import Number


class NumberChangeList(ChangeList):
    """Looks up once for a whole page how its numbers are used."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        words = number_use.words_of(self.result_list)
        for number in self.result_list:
            number.use = words[number.pk]


class UseFilter(admin.SimpleListFilter):
    """Numbers that somebody should look at."""

    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("waiting for the first call")),
            ("silent", _("silent for longer than expected")),
            ("without_flow", _("without flow")),
            ("out_of_service", _("not yet or no longer in service")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "waiting":
                wanted: QuerySet[Number] = number_use.waiting()
            case "silent":
                wanted = number_use.silent(timezone.now())
            case "without_flow":
                wanted = number_use.without_flow()
            case "out_of_service":
                wanted = number_use.out_of_service(timezone.now())
            case _:
                return queryset
        return queryset.filter(pk__in=wanted.values("pk"))
