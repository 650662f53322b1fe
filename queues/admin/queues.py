"""Queues: what they are called, how they are reached, who comes first, and how they stand now."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import teams
from contactcenter.foundation.long_forms import ANY, FOLD
from contactcenter.foundation.uses_in_lists import ShowsUses, UsesChangeList
from queues import estimates
from queues.admin.queue_switches import QueueSwitches
from queues.admin.switching import PERMISSION
from queues.header_template import VARIABLES
from queues.models import Queue
from queues.models.voice import SPOKEN
from queues.ratio import ratio_in_words
from queues.standing import Standing, standing, standings
from queues.telling import told

ANSWERED = " ".join(SPOKEN)
"""Choices for which an extension answers."""


class QueueList(UsesChangeList):
    """Looks up once for the whole page how its queues stand."""

    standings: dict[int, Standing]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.standings = standings(self.result_list, timezone.now())
        for queue in self.result_list:
            queue.stands = self.standings[queue.pk]
            queue.may_switch = request.user.has_perm(PERMISSION) and teams.may_touch(request.user, queue)


@admin.register(Queue)
class QueueAdmin(ShowsUses, QueueSwitches):
    """A queue, with one click to close or reopen it now."""

    about = _("A queue is where callers wait until an agent answers, such as VIP or Standard.")
    change_form_template = "admin/queues/queue/change_form.html"
    list_display = ("name", "now", "switch", "priority_class", "reached", "overflow_to", "used_by")
    list_filter = ("phone_system", "help_desk", "calendar")
    search_fields = ("name", "slug", "voice_address")
    search_help_text = _("Part of a name, a short name or an extension")
    readonly_fields = ("told", "real_ratio", "what_if", "estimates")
    shown_for = {
        "team": ("help_desk", ANY),
        "closed_address": ("when_closed", ANSWERED),
        "when_full": ("max_waiting", ANY),
        "full_address": ("when_full", ANSWERED),
    }
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("Calls"), {"fields": ("phone_system", ("voice_kind", "voice_address"))}),
        (_("When nobody can answer"), {"fields": ("calendar", "overflow_to", ("when_closed", "closed_address"))}),
        (_("Who comes first"), {"fields": ("priority_class", "told")}),
        (_("Messages"), {"fields": (("help_desk", "team"),), "classes": (FOLD,)}),
        (
            _("When too many wait, or nobody is logged in"),
            {"fields": ("max_waiting", ("when_full", "full_address"), "closed_without_agents"), "classes": (FOLD,)},
        ),
        (
            _("What is promised"),
            {
                "fields": (("service_level_percent", "service_level_s"), "promised_wait_s", "estimates"),
                "classes": (FOLD,),
            },
        ),
        (_("Staffing"), {"fields": ("agents_per_caller", "real_ratio", "what_if"), "classes": (FOLD,)}),
        (_("When everything else fails"), {"fields": ("is_emergency",), "classes": (FOLD,)}),
        (
            _("For engineers"),
            {"fields": ("slug", "head_start_s", "answer_timeout_s", "skills", "headers"), "classes": (FOLD,)},
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "headers":
            names = gettext("In braces may stand: %(names)s.") % {"names": ", ".join(VARIABLES)}
            field.help_text = f"{field.help_text} {names}"
            field.widget.attrs |= {"rows": 3, "dir": "ltr"}
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        related = ("calendar", "phone_system", "help_desk", "overflow_to", "belongs_to")
        hours = ("calendar__hours", "calendar__exceptions")
        return super().get_queryset(request).select_related(*related).prefetch_related(*hours)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QueueList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/close/", wrap(self.close_view), name="queues_queue_close"),
            path("<int:pk>/reopen/", wrap(self.reopen_view), name="queues_queue_reopen"),
            *super().get_urls(),
        ]

    @admin.display(description=_("now"))
    def now(self, queue: Any) -> str:
        words: str = queue.stands.words
        return words

    @admin.display(description=_("reached by"), ordering="voice_address")
    def reached(self, queue: Queue) -> SafeString:
        """Where calls of it go, and messages."""
        places = ((queue.phone_system, queue.voice_address), (queue.help_desk, queue.team))
        lines = (" ".join(str(part) for part in place if part) for place in places)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines if line))

    @admin.display(description=_("at once"))
    def switch(self, queue: Any) -> str | SafeString:
        if not queue.may_switch:
            return ""
        verb = "close" if queue.stands.is_open else "reopen"
        closed = gettext("Reopen") if queue.stands.is_switched_closed else gettext("Open now")
        label = gettext("Close now") if queue.stands.is_open else closed
        return format_html('<a href="{}">{}</a>', reverse(f"admin:queues_queue_{verb}", args=[queue.pk]), label)

    @admin.display(description=_("What the phone system is told"))
    def told(self, queue: Queue) -> SafeString:
        """Priority and skills as this phone system gets them, from the saved values."""
        return format_html_join("", "{}<br>", ((sentence,) for sentence in told(queue)))

    @admin.display(description=_("real agents per caller"))
    def real_ratio(self, queue: Queue) -> str:
        return ratio_in_words(queue, timezone.now())

    @admin.display(description=_("What if"))
    def what_if(self, _queue: Queue) -> SafeString:
        text = gettext("What more agents would change, or agents of their own for the best customers")
        return format_html('<a href="{}">{}</a>', reverse("what_if"), text)

    @admin.display(description=_("Estimated waits"))
    def estimates(self, queue: Queue) -> str:
        return estimates.words(queue)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        queue = self.get_object(request, object_id)
        may_switch = request.user.has_perm(PERMISSION) and teams.may_touch(request.user, queue)
        shown: dict[str, Any] = {"may_switch": may_switch}
        if queue:
            shown["stands"] = standing(queue, timezone.now())
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})
