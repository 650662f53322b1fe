"""“Point the chosen numbers at us”, in the list of numbers: first what follows, then the result of each number."""

from time import monotonic
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from contactcenter.foundation import teams
from contactcenter.foundation.admin import PortalAdmin
from routing.admin.numbering import CHANGE
from routing.models import Number, NumberUse
from routing.numbering import of_account
from routing.numbering.asking import ALTOGETHER_S

MOST = 50
"""As many as can be done while somebody waits for the page."""


class PointingAdmin(PortalAdmin):
    """The action, for whoever may point numbers one by one. The providers are asked while the person waits."""

    actions = ("point_at_us",)

    def has_point_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CHANGE)

    @admin.action(description=gettext_lazy("Point the chosen numbers at us"), permissions=["point"])
    def point_at_us(self, request: HttpRequest, queryset: QuerySet[Number]) -> HttpResponse | None:
        queryset = teams.touchable(queryset, request.user)
        numbers = list(queryset.select_related("account").order_by("account__name", "address")[: MOST + 1])
        if len(numbers) > MOST:
            self.message_user(request, _("Choose at most %(most)s numbers at once.") % {"most": MOST}, level="error")
            return None
        ends_at = monotonic() + ALTOGETHER_S
        plans = of_account.plan(numbers, ends_at)
        is_confirmed = "confirmed" in request.POST
        if is_confirmed:
            before = {name.removeprefix("before-"): str(value) for name, value in request.POST.items()}
            pointed = of_account.point_all(plans, before, ends_at)
            self._log(request, plans, pointed)
            plans = pointed
        return self._page(request, plans, is_confirmed)

    def _log(self, request: HttpRequest, plans: list[of_account.Plan], pointed: list[of_account.Plan]) -> None:
        """Where each led before is the way back: it is kept in the number's history."""
        for old, new in zip(plans, pointed, strict=True):
            if old.found and old.can_point and not new.can_point:
                words = {
                    "number": new.number.address,
                    "before": old.found.rented.points_at or pgettext("where a number leads", "nobody"),
                }
                said = _("%(number)s asks us from now on. Before, it asked %(before)s.") % words
                self.log_change(request, new.number, said)

    def _page(self, request: HttpRequest, plans: list[of_account.Plan], is_done: bool) -> TemplateResponse:
        keys = {f"{each.number.channel}:{each.number.address}" for each in plans}
        live = set(NumberUse.objects.filter(key__in=keys).exclude(live_since=None).values_list("key", flat=True))
        to_point = [each for each in plans if each.can_point]
        asked = ngettext("Point %(n)s number at us?", "Point %(n)s numbers at us?", len(to_point))
        title = asked % {"n": len(to_point)} if to_point else _("There is nothing to point at us")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What became of each number") if is_done else title,
            "rows": [(each, f"{each.number.channel}:{each.number.address}" in live) for each in plans],
            "to_point": to_point,
            "is_done": is_done,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/routing/number/point.html", context)
