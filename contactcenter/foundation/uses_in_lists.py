"""A column that says what uses each thing of a list: looked up once for the whole page.

class CalendarAdmin(ShowsUses, NamedAdmin):
    list_display = ("name", "used_by")          which relations count is said in `<app>/admin/uses.py`
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import consequences


class UsesChangeList(ChangeList):
    """Knows of each thing on its page what uses it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        uses = consequences.uses(list(self.result_list))
        for thing in self.result_list:
            thing.uses = uses.get(thing.pk, ())


class ShowsUses(admin.ModelAdmin):
    """A list with the column `used_by`."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UsesChangeList

    @admin.display(description=_("used by"))
    def used_by(self, thing: Any) -> SafeString | str:
        return format_html_join("", "<div>{}: {}</div>", ((capfirst(name), count) for name, count in thing.uses)) or "–"
