"""Lists of tables that grow: pages by key and one day at a time, so that millions of rows cost no more than ten."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext


class KeysetChangeList(ChangeList):
    """The newest first, no count. `p=900` shows what is older than row 900, `p=-900` what is newer."""

    newer: str | None = None
    older: str | None = None

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        """By key; of one day by its moments: ordered by key the database might walk back to that day row by row."""
        return [f"-{self._moment}", "-pk"] if self._moment else ["-pk"]

    @cached_property
    def _moment(self) -> str:
        """The field that the chosen day is a day of; "" while none is chosen."""
        is_one_day = any(isinstance(each, DayFilter) and each.day for each in self.filter_specs)
        page: Any = self.model_admin
        return str(page.day_field) if is_one_day else ""

    def _beyond(self, key: int, than: str) -> QuerySet[Any]:
        """What is newer ("gt") or older ("lt") than the row with this key."""
        rows: QuerySet[Any] = self.queryset
        beyond, field = Q(**{f"pk__{than}": key}), self._moment
        row = self.model._default_manager.filter(pk=key).values_list(field).first() if field else None
        if row is None:
            return rows.filter(beyond)
        beyond &= Q(**{field: row[0]})
        # Said twice, so that an index finds where to begin.
        return rows.filter(Q(**{f"{field}__{than}": row[0]}) | beyond, **{f"{field}__{than}e": row[0]})

    def get_results(self, request: HttpRequest) -> None:
        size, cursor = self.list_per_page, self.page_num
        if cursor < 0:
            rows = list(self._beyond(-cursor, "gt").reverse()[: size + 1])
            has_newer, has_older = len(rows) > size, True
            rows = rows[:size][::-1]
        else:
            older = self._beyond(cursor, "lt") if cursor > 1 else self.queryset
            rows = list(older[: size + 1])
            has_newer, has_older = cursor > 1, len(rows) > size
            rows = rows[:size]
        self.result_list = rows
        # The numbers of this page: nobody counts the table.
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(rows)
        self.paginator = Paginator(rows, size)  # the stock templates want one
        self.newer = self.get_query_string({PAGE_VAR: -rows[0].pk}) if rows and has_newer else None
        self.older = self.get_query_string({PAGE_VAR: rows[-1].pk}) if rows and has_older else None

    @property
    def first(self) -> str:
        """The query of the newest page."""
        return self.get_query_string(remove=[PAGE_VAR])


class DayFilter(admin.SimpleListFilter):
    """Rows of one day. The admin class names the indexed field: `day_field = "decided_at"`."""

    title = _("day")
    parameter_name = "day"
    template = "admin/day_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        today = timezone.localdate()
        days = [today - timedelta(days=back) for back in range(7)]
        written = pgettext("format of a date", "l j F")
        names = [_("Today"), _("Yesterday"), *(date_format(day, written) for day in days[2:])]
        self.field: str = model_admin.day_field
        return [(day.isoformat(), name) for day, name in zip(days, names, strict=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = self.day
        if day is None:
            return queryset
        start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
        return queryset.filter(
            **{f"{self.field}__gte": start.astimezone(UTC), f"{self.field}__lt": (start + timedelta(days=1))}
        )

    @property
    def day(self) -> date | None:
        """The chosen day; None for all days, and for what is no day."""
        try:
            return date.fromisoformat(self.value() or "")
        except ValueError:
            return None

    def choices(self, changelist: Any) -> Iterator[Any]:
        # The first choice carries what the date form of the template must keep.
        kept = [(k, v) for k, values in changelist.get_filters_params().items() if k != "day" for v in values]
        for number, choice in enumerate(super().choices(changelist)):
            yield choice | ({"kept": kept, "day": self.day} if not number else {})
