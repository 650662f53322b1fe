"""An answer to a provider, in words: what it means for the caller."""

from collections.abc import Iterator, Mapping
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


def told_to_the_provider(answer: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the provider is told, each with its name; what an answer does not hold is left out."""
    queues = document.get("queues", {})
    queue = queues.get(answer.get("queue"), {})
    yield _("Queue"), queue.get("name", "")
    keys = ("sip_uri", "phone", "provider_queue", "team")
    yield _("Rings at"), left_to_right(next((answer[key] for key in keys if key in answer), ""))
    yield _("Priority"), priority_in_words(answer)
    if "overflow_uri" in answer:
        yield _("If it does not answer"), queues.get(queue.get("overflow_to"), {}).get("name", "")
    tiers = document.get("tiers", {})
    yield _("Loyalty tier"), tiers.get(answer.get("tier"), {}).get("name", "")
