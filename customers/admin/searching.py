"""Searching by an id that an index knows only under what its row belongs to."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest


class SearchesUnder:
    """Asks the index under each of what rows belong to, which are few: `search_under = "push"`."""

    search_under: str
    model: Any

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, has_doubles = super().get_search_results(request, queryset, search_term)  # type: ignore[misc]  # of the admin class beside it
        if search_term:
            owners = self.model._meta.get_field(self.search_under).related_model
            keys = owners._default_manager.order_by().values_list("pk", flat=True)
            # As numbers: of a query within the query the database might think that it reads the whole table sooner.
            found = found.filter(**{f"{self.search_under}__in": list(keys)})
        return found, has_doubles
