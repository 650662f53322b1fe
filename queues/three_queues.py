"""Three queues for priority customers, ready to be led to: VIP, priority, and everybody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.models import Team
from queues.models import PhoneSystem, Queue
from queues.models.voice import VoiceKind


@dataclass(frozen=True)
class Rank:
    """One of the three: its name, who comes first, and what is promised; seconds and percent."""

    slug: str
    name: Any
    priority_class: int
    head_start_s: int
    service_level: tuple[int, int]
    promised_wait_s: int


RANKS = (
    Rank("vip", _("VIP"), 1, 300, (90, 10), 60),
    Rank("priority", _("Priority"), 2, 120, (80, 20), 180),
    Rank("standard", _("Standard"), 3, 0, (80, 30), 600),
)
"""In the order in which they overflow, first one first."""


def make(
    system: PhoneSystem, addresses: Iterable[str], prefix: str = "", belongs_to: Team | None = None
) -> list[Queue]:
    """The three queues at these addresses of `system`, saved, first one first. Raises ValidationError.

    Each overflows to the next. The last one becomes the emergency queue where there is none yet.
    """
    queues = [_queue(rank, system, address, prefix) for rank, address in zip(RANKS, addresses, strict=True)]
    queues[-1].is_emergency = not Queue.objects.filter(is_emergency=True).exists()
    with transaction.atomic():
        behind = None
        for queue in reversed(queues):
            queue.overflow_to, queue.belongs_to = behind, belongs_to
            queue.full_clean()
            queue.save()
            behind = queue
    return queues


def _queue(rank: Rank, system: PhoneSystem, address: str, prefix: str) -> Queue:
    percent, seconds = rank.service_level
    return Queue(
        name=f"{prefix} {rank.name}".strip(),
        slug=slugify(f"{prefix} {rank.slug}"),
        phone_system=system,
        voice_kind=VoiceKind.SIP if system.host_list else VoiceKind.PROVIDER_QUEUE,
        voice_address=address,
        priority_class=rank.priority_class,
        head_start_s=rank.head_start_s,
        service_level_percent=percent,
        service_level_s=seconds,
        promised_wait_s=rank.promised_wait_s,
    )
