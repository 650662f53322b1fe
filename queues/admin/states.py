"""What the phone systems last said of the queues."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin
from queues.models import QueueState


@admin.register(QueueState)
class QueueStateAdmin(EvidenceAdmin):
    """A queue's statistics as they were reported: to be read, never edited."""

    team_path = "queue__belongs_to"
    list_display = ("queue", "waiting", "longest_wait", "agents_logged_in", "agents_idle", "as_of")
    list_select_related = ("queue",)
    fields = ("queue", "as_of", "statistics")

    @admin.display(description=_("waiting"))
    def waiting(self, state: QueueState) -> Any:
        return state.statistics.get("waiting")

    @admin.display(description=_("longest wait (s)"))
    def longest_wait(self, state: QueueState) -> Any:
        return state.statistics.get("longest_wait_s")

    @admin.display(description=_("agents logged in"))
    def agents_logged_in(self, state: QueueState) -> Any:
        return state.statistics.get("agents_logged_in")

    @admin.display(description=_("agents idle"))
    def agents_idle(self, state: QueueState) -> Any:
        return state.statistics.get("agents_idle")
