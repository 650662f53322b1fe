"""The table of queues: a line is a queue, known by its short name."""

from django.utils.text import slugify

from contactcenter.tables.columns import Choices
from contactcenter.tables.things import Texts, ThingTable
from queues.models import Queue


def _spread(texts: Texts, _choices: Choices) -> list[Texts]:
    """One queue; without a short name it gets one from its name."""
    return [{**texts, "slug": texts.get("slug") or slugify(texts.get("name", ""))[:50]}]


QUEUES = ThingTable(
    slug="queues",
    model=Queue,
    names=(
        *("name", "slug", "phone_system", "voice_kind", "voice_address", "help_desk", "team"),
        *("priority_class", "head_start_s", "skills", "headers", "answer_timeout_s", "promised_wait_s"),
        *("calendar", "closed_without_agents", "when_closed", "closed_address", "max_waiting", "when_full"),
        *("full_address", "overflow_to", "is_emergency", "service_level_percent", "service_level_s"),
        "agents_per_caller",
    ),
    key=("slug",),
    needed=("slug",),
    spread=_spread,
    waits="overflow_to",
    permissions=("queues.add_queue", "queues.change_queue"),
)
