"""An answer to a provider, in words: what it means for the caller."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.admin import left_to_right
from routing.reports.wording import seconds


def priority_in_words(answer: Mapping[str, Any]) -> str:
    """How far in front a contact waits; "" for one that waits nowhere."""
    if "priority_class" not in answer:
        return ""
    words = {"class": answer["priority_class"], "head_start": seconds(answer.get("head_start_s", 0))}
    if not answer.get("head_start_s"):
        return _("class %(class)s") % words
    return _("class %(class)s, head start %(head_start)s") % words


def told_to_the_provider(answer: Mapping[str, Any], document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What the provider is told, each with its name; what an answer does not hold is left out."""
    queues = document.get("queues", {})
    queue = queues.get(answer.get("queue"), {})
    keys = ("sip_uri", "phone", "provider_queue", "team")
    rings_at = next((answer[key] for key in keys if key in answer), "")
    overflow = queues.get(queue.get("overflow_to"), {}) if "overflow_uri" in answer else {}
    told = [
        (_("Queue"), queue.get("name")),
        (_("Rings at"), rings_at and left_to_right(rings_at)),
        (_("Priority"), priority_in_words(answer)),
        (_("If it does not answer"), overflow.get("name")),
        (_("Loyalty tier"), document.get("tiers", {}).get(answer.get("tier"), {}).get("name")),
    ]
    return [(name, value) for name, value in told if value]
