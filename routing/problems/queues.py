"""Problems of queues and of the phone systems that hold them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.foundation.translating import listed
from queues.models.systems import SIP_HOST
from queues.models.voice import ADDRESS_SHAPES, PHONE_NUMBER, SIP_USER, SPOKEN, VoiceKind
from queues.ringing import needed_s
from routing.problems.found import Document, Problem, error, name_of, warning


def find(document: Document) -> Iterator[Problem]:
    """Everything that is wrong with queues by themselves, whoever is sent to them."""
    yield from _hosts(document)
    for slug, queue in document["queues"].items():
        yield from _address(slug, queue)
        yield from _closing(document, slug, queue)
        yield from _ringing(document, slug, queue)
    yield from _cycles(document)
    yield from _emergency(document)


def is_reached_by_voice(queue: Mapping[str, Any]) -> bool:
    """Whether a caller can be sent there at all."""
    on_a_system = queue["voice_kind"] != VoiceKind.SIP or "phone_system" in queue
    return "voice_address" in queue and on_a_system


def _hosts(document: Document) -> Iterator[Problem]:
    for slug, system in document["phone_systems"].items():
        path, words = ("phone_systems", slug, "hosts"), {"system": system["name"]}
        for host in system["hosts"]:
            if not SIP_HOST.match(host):
                message = _("The phone system “%(system)s” has a host that is no SIP address: “%(host)s”.")
                yield error(path, message % {**words, "host": host})
        extensions = [queue["name"] for queue in document["queues"].values() if _is_extension(queue, slug)]
        if extensions and not system["hosts"]:
            message = _(
                "The phone system “%(system)s” has no SIP host, but these queues are extensions of it: %(queues)s."
            )
            yield error(path, message % {**words, "queues": listed(sorted(extensions))})


def _is_extension(queue: Mapping[str, Any], system: str) -> bool:
    return queue["voice_kind"] == VoiceKind.SIP and "voice_address" in queue and queue.get("phone_system") == system


def _address(slug: str, queue: Mapping[str, Any]) -> Iterator[Problem]:
    address, kind = queue.get("voice_address"), VoiceKind(queue["voice_kind"])
    if not address:
        return
    shape, example = ADDRESS_SHAPES[kind]
    if not shape.match(address):
        message = _("Queue “%(queue)s” has an address that callers cannot be sent to: “%(address)s”. %(example)s")
        words = {"queue": queue["name"], "address": address, "example": example}
        yield error(("queues", slug, "voice_address"), message % words)
    if kind == VoiceKind.SIP and "phone_system" not in queue:
        message = _("Queue “%(queue)s” has the extension %(address)s, but no phone system.")
        yield error(("queues", slug, "phone_system"), message % {"queue": queue["name"], "address": address})


def _closing(document: Document, slug: str, queue: Mapping[str, Any]) -> Iterator[Problem]:
    words = {"queue": queue["name"]}
    if queue["when_closed"] in SPOKEN and not _is_heard(document, queue, queue.get("closed_address", "")):
        message = _("Queue “%(queue)s” has no extension that answers when it is closed.")
        yield error(("queues", slug, "closed_address"), message % words)
    if queue.get("when_full") in SPOKEN and not _is_heard(document, queue, queue.get("full_address", "")):
        message = _("Queue “%(queue)s” has no extension that answers when it is full.")
        yield error(("queues", slug, "full_address"), message % words)
    if queue["when_closed"] == "overflow" and "calendar" in queue and "overflow_to" not in queue:
        message = _("Queue “%(queue)s” closes, but no overflow queue takes its callers then.")
        yield warning(("queues", slug, "overflow_to"), message % words)


def _is_heard(document: Document, queue: Mapping[str, Any], address: str) -> bool:
    """Whether callers can be connected to what speaks at `address`: an extension needs a phone system with a host."""
    if PHONE_NUMBER.match(address):
        return True
    hosts = document["phone_systems"].get(queue.get("phone_system"), {}).get("hosts")
    return bool(hosts and SIP_USER.match(address))


def _ringing(document: Document, slug: str, queue: Mapping[str, Any]) -> Iterator[Problem]:
    """A caller who waits while it rings must not be thrown out of the queue by our own clock."""
    system = document["phone_systems"].get(queue.get("phone_system"))
    needed, set_by_hand = needed_s(queue.get("promised_wait_s")), queue.get("answer_timeout_s")
    if system and not system["answers_at_once"] and set_by_hand and set_by_hand < needed:
        message = _(
            "“%(system)s” rings until an agent answers, but queue “%(queue)s” gives up after %(seconds)s seconds: "
            "callers who still wait then lose their place. Its longest promised wait needs %(needed)s."
        )
        words = {"system": system["name"], "queue": queue["name"], "seconds": set_by_hand, "needed": needed}
        yield warning(("queues", slug, "answer_timeout_s"), message % words)


def _cycles(document: Document) -> Iterator[Problem]:
    """Each circle of overflows once, told from the queue whose short name comes first."""
    queues = document["queues"]
    for start in sorted(queues):
        chain = [start]
        while (following := queues[chain[-1]].get("overflow_to")) and following not in chain:
            chain.append(following)
        if following == start == min(chain):
            yield error(("queues", start, "overflow_to"), _circle([queues[slug]["name"] for slug in [*chain, start]]))


def _circle(names: list[str]) -> str:
    """VIP overflows to Priority, which overflows to VIP."""
    first = _("%(queue)s overflows to %(next)s") % {"queue": names[0], "next": names[1]}
    rest = [_("which overflows to %(next)s") % {"next": name} for name in names[2:]]
    sentence: str = _("%(chain)s.") % {"chain": listed([first, *rest])}
    return sentence


def _emergency(document: Document) -> Iterator[Problem]:
    slug = document.get("emergency_queue")
    if slug is None:
        yield error(
            ("emergency_queue",), _("No queue is the emergency queue, which takes callers when all else fails.")
        )
    elif not is_reached_by_voice(document["queues"][slug]):
        message = _("The emergency queue “%(queue)s” cannot be reached by phone.")
        yield error(("queues", slug, "voice_address"), message % {"queue": name_of(document, "queues", slug)})
