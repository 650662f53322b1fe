"""The switches in force and their history. Nobody edits them: they are set, ended, and remembered."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import DayFilter, EvidenceAdmin
from contactcenter.foundation.paging import KeysetChangeList
from queues import switches
from queues.admin.switching import PERMISSION, ConfirmForm, Question, SendNumberForm, ask, with_permission
from queues.models import Queue, Switch
from queues.standing import said


class SwitchList(KeysetChangeList):
    """Knows which of its switches hold, and the time zones in which their ends are said."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        in_force = {switch.pk for switch in switches.in_force(now)}
        zones = dict(Queue.objects.filter(calendar__isnull=False).values_list("slug", "calendar__time_zone"))
        for switch in self.result_list:
            switch.holds = switch.pk in in_force
            switch.may_end = switch.holds and request.user.has_perm(PERMISSION)
            queue = switch.target_queue.slug if switch.target_queue else switch.subject
            switch.zone = ZoneInfo(zones[queue]) if queue in zones else timezone.get_default_timezone()


@admin.register(Switch)
class SwitchAdmin(EvidenceAdmin):
    """What was switched, by whom, until when; and “End now”."""

    change_list_template = "admin/queues/switch/change_list.html"
    list_display = ("what", "state", "end_now", "reason", "created_at", "created_by")
    list_display_links = ("what",)
    list_filter = (DayFilter, "kind")
    day_field = "created_at"
    list_select_related = ("target_queue", "created_by", "ended_by")
    search_fields = ("subject__exact",)
    search_help_text = _("Short name of a queue, or a whole number")
    fields = (
        *("kind", "subject", "target_queue", "reason", "until"),
        *("created_at", "created_by", "ended_at", "ended_by"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SwitchList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("send/", wrap(self.send_view), name="queues_switch_send"),
            path("<int:pk>/end/", wrap(self.end_view), name="queues_switch_end"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"may_switch": request.user.has_perm(PERMISSION), **(extra_context or {})}
        return super().changelist_view(request, shown)

    @admin.display(description=_("what"))
    def what(self, switch: Switch) -> str:
        words = {
            switches.CLOSE: gettext("Close %(subject)s"),
            switches.OPEN: gettext("Open %(subject)s in spite of its hours"),
            switches.SEND: gettext("Send %(subject)s to %(queue)s"),
        }
        return words[Switch.Kind(switch.kind)] % {"subject": switch.subject, "queue": switch.target_queue}

    @admin.display(description=_("state"))
    def state(self, switch: Any) -> str:
        if switch.holds and switch.until:
            return gettext("In force until %(moment)s") % {"moment": said(switch.until, switch.zone)}
        if switch.holds:
            return gettext("In force until somebody ends it")
        if switch.ended_at:
            return gettext("Ended %(moment)s") % {"moment": said(switch.ended_at, switch.zone)}
        return gettext("Over since %(moment)s") % {"moment": said(switch.until, switch.zone)}

    @admin.display(description=_("at once"))
    def end_now(self, switch: Any) -> str | SafeString:
        if not switch.may_end:
            return ""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:queues_switch_end", args=[switch.pk]), gettext("End now")
        )

    @with_permission
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        switch = get_object_or_404(Switch, pk=pk)
        follows = [str(switch), gettext("Set because: %(reason)s") % {"reason": switch.reason}]
        question = Question(gettext("End this switch?"), follows, gettext("End now"), _list())

        def end(_answer: dict[str, Any]) -> str:
            switches.end(switch, request.user)
            return gettext("The switch has ended.")

        return ask(self, request, question, ConfirmForm, end)

    @with_permission
    def send_view(self, request: HttpRequest) -> HttpResponse:
        follows = [
            gettext("Everybody who calls the number goes to the queue you choose; its flow is not walked."),
            gettext("Calls already waiting are not moved."),
        ]
        question = Question(gettext("Send a number elsewhere?"), follows, gettext("Send there now"), _list())

        def send(answer: dict[str, Any]) -> str:
            queue = answer["target_queue"]
            switches.send_number(answer["subject"], queue, answer["reason"], answer["until"], request.user)
            return gettext("Callers of this number go to %(queue)s from now on.") % {"queue": queue}

        return ask(self, request, question, SendNumberForm, send, {"subject": request.GET.get("number", "")})


def _list() -> str:
    return reverse("admin:queues_switch_changelist")
