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

from queues import estimates, switches
from queues.admin.queue_switches import QueueSwitches
from queues.admin.switching import PERMISSION
from queues.header_template import VARIABLES
from queues.models import Queue
from queues.ratio import ratio_in_words
from queues.standing import Standing, standing, standings
from queues.telling import told


class QueueList(ChangeList):
    """Looks up once for the whole page how its queues stand."""

    standings: dict[int, Standing]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.standings = standings(self.result_list, timezone.now())
        for queue in self.result_list:
            queue.stands = self.standings[queue.pk]
            queue.may_switch = request.user.has_perm(PERMISSION)


@admin.register(Queue)
class QueueAdmin(QueueSwitches):
    """A queue, with one click to close or reopen it now."""

    change_form_template = "admin/queues/queue/change_form.html"
    list_display = ("name", "now", "switch", "priority_class", "phone_system", "voice_address", "overflow_to")
    list_filter = ("phone_system", "help_desk")
    list_select_related = ("phone_system", "overflow_to")
    search_fields = ("name", "slug", "voice_address")
    readonly_fields = ("told", "real_ratio", "what_if", "estimates")
    fieldsets = (
        (None, {"fields": ("name", "slug")}),
        (
            _("Calls"),
            {"fields": ("phone_system", "voice_kind", "voice_address", "answer_timeout_s", "promised_wait_s")},
        ),
        (_("Messages"), {"fields": ("help_desk", "team")}),
        (_("Who comes first"), {"fields": ("priority_class", "head_start_s", "skills", "headers", "told")}),
        (
            _("When nobody can answer"),
            {
                "fields": (
                    "calendar",
                    "closed_without_agents",
                    "when_closed",
                    "closed_address",
                    "max_waiting",
                    "when_full",
                    "full_address",
                    "overflow_to",
                    "is_emergency",
                )
            },
        ),
        (_("Service level"), {"fields": ("service_level_percent", "service_level_s", "estimates")}),
        (_("Staffing"), {"fields": ("agents_per_caller", "real_ratio", "what_if")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "headers":
            names = gettext("In braces may stand: %(names)s.") % {"names": ", ".join(VARIABLES)}
            field.help_text = f"{field.help_text} {names}"
            field.widget.attrs |= {"rows": 3, "dir": "ltr"}
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        hours = ("calendar__hours", "calendar__exceptions")
        return super().get_queryset(request).select_related("calendar").prefetch_related(*hours)

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
        shown: dict[str, Any] = {"may_switch": request.user.has_perm(PERMISSION)}
        if queue:
            shown["stands"] = standing(queue, timezone.now())
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        slugs = {queue.slug for queue in objs}
        in_force = switches.in_force(timezone.now())
        held = [
            gettext("A switch that is in force: %(switch)s") % {"switch": each}
            for each in in_force
            if each.subject in slugs and each.kind in switches.OF_A_QUEUE
        ]
        return deleted, counts, lacking, [*protected, *held]
