"""The switches in force and their history. Nobody edits them: they are set, ended, and remembered."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import teams
from contactcenter.foundation.admin import DayFilter, EvidenceAdmin
from contactcenter.foundation.paging import KeysetChangeList
from queues import switches
from queues.admin.number_switches import NumberSwitches
from queues.admin.switch_forms import ConfirmForm
from queues.admin.switching import PERMISSION, Question, ask, with_permission
from queues.models import Switch
from queues.standing import look_up_names, said, zones_of_switches


class SwitchList(KeysetChangeList):
    """Knows which of its switches hold, and the time zones in which their ends are said."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        may_end = ends(request.user)
        in_force = {switch.pk for switch in switches.in_force(now)}
        zones = zones_of_switches(self.result_list)
        look_up_names(self.result_list)
        for switch in self.result_list:
            switch.holds = switch.pk in in_force
            switch.may_end = switch.holds and request.user.has_perm(PERMISSION) and may_end(switch)
            switch.zone = zones[switch.pk]


QUEUES, NUMBERS = ("queues", "slug"), ("numbers", "address")
"""What a switch may be on, and by which of its fields the switch knows it."""


def ends(user: Any) -> Callable[[Switch], bool]:
    """Says of a switch whether it is on something that his teams let `user` change."""
    if not teams.teams_of(user):
        return lambda _switch: True
    queues, numbers = (teams.names_of_own(user, *each) for each in (QUEUES, NUMBERS))
    return lambda switch: switch.subject in (queues if switch.is_of_a_queue else numbers)


@admin.register(Switch)
class SwitchAdmin(NumberSwitches, EvidenceAdmin):
    """What was switched, by whom, until when, who ended it; and “End now”."""

    about = _("A switch closes a queue or sends a number elsewhere at once, without publishing, until you end it.")
    change_list_template = "admin/queues/switch/change_list.html"
    list_display = ("what", "state", "end_now", "reason", "set_by", "created_at")
    list_display_links = ("what",)
    list_filter = (DayFilter, "kind")
    day_field = "created_at"
    list_select_related = ("target_queue", "target_system", "created_by", "ended_by")
    search_fields = ("subject__exact",)
    search_help_text = _("Short name of a queue, or a whole number")
    fields = (
        *("what", "reason", "created_at", "set_by", "until"),
        *("ended_at", "over_by", "kind", "subject", "target_queue", "target_system", "target_address"),
    )
    readonly_fields = ("what", "set_by", "over_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the switches on queues and numbers of other teams."""
        rows, user = super().get_queryset(request), request.user
        if not teams.teams_of(user):
            return rows
        queues, numbers = (teams.names_of_others(user, *each) for each in (QUEUES, NUMBERS))
        rows = rows.exclude(kind__in=switches.OF_A_QUEUE, subject__in=queues)
        return rows.exclude(kind__in=switches.OF_A_NUMBER, subject__in=numbers)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SwitchList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("send/", wrap(self.send_view), name="queues_switch_send"),
            path("announce/", wrap(self.announce_view), name="queues_switch_announce"),
            path("<int:pk>/end/", wrap(self.end_view), name="queues_switch_end"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"may_switch": request.user.has_perm(PERMISSION), **(extra_context or {})}
        return super().changelist_view(request, shown)

    @admin.display(description=pgettext_lazy("what is switched", "what"))
    def what(self, switch: Switch) -> str:
        return str(switch)

    @admin.display(description=pgettext_lazy("who did it", "by"))
    def set_by(self, switch: Switch) -> str:
        return str(switch.created_by or switch.set_from or "-")

    @admin.display(description=_("ended by"))
    def over_by(self, switch: Switch) -> str:
        return _ender(switch) or "-"

    @admin.display(description=_("state"))
    def state(self, switch: Any) -> str:
        if switch.holds and switch.until:
            return gettext("In force until %(moment)s") % {"moment": said(switch.until, switch.zone)}
        if switch.holds:
            return gettext("In force until somebody ends it")
        over = said(switch.ended_at or switch.until, switch.zone)
        if ender := _ender(switch):
            return gettext("Ended %(moment)s by %(who)s") % {"moment": over, "who": ender}
        return gettext("Over since %(moment)s") % {"moment": over}

    @admin.display(description=_("at once"))
    def end_now(self, switch: Any) -> str | SafeString:
        if not switch.may_end:
            return ""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:queues_switch_end", args=[switch.pk]), gettext("End now")
        )

    @with_permission
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        switch = self.seen_or_404(request, pk)
        if not ends(request.user)(switch):
            raise PermissionDenied
        follows = [f"{switch}.", gettext("Set because: %(reason)s") % {"reason": switch.reason}]
        question = Question(
            gettext("End this switch?"), follows, gettext("End now"), reverse("admin:queues_switch_changelist")
        )

        def end(_answer: dict[str, Any]) -> str:
            switches.end(switch, request.user)
            return gettext("The switch has ended.")

        return ask(self, request, question, ConfirmForm, end)


def _ender(switch: Switch) -> str:
    return str(switch.ended_by or switch.ended_from or "")
