"""Problems of reaching: addresses that cannot be said in the answer to the provider who asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from queues.models.voice import SPOKEN, VoiceKind
from routing.problems.found import Document, Problem, error, name_of
from routing.problems.numbers import VOICE, alike, reached
from routing.providers.base import Dialect
from routing.providers.wording import reached as reached_by


@dataclass(frozen=True)
class Answering:
    """A provider account: what people call it, and the dialect that it is answered in."""

    name: str
    dialect: Dialect


def find(document: Document, accounts: Mapping[str, Answering]) -> Iterator[Problem]:
    """Queues that callers are sent to, but not by the provider who carries them: each address once an account."""
    told: set[tuple[str, str]] = set()
    for channel, number in alike(document):
        account = accounts.get(number["account"])
        if account is None or channel != VOICE or VOICE not in account.dialect.channels:
            continue  # no call comes this way
        for queue in _taking_callers(document, number):
            if (number["account"], queue) not in told:
                told.add((number["account"], queue))
                yield from _unsayable(document, queue, account)


def _taking_callers(document: Document, number: Mapping[str, Any]) -> Iterator[str]:
    yield from (queue for queue, _way in reached(document, number, VOICE))
    if "emergency_queue" in document:
        yield document["emergency_queue"]


def _unsayable(document: Document, slug: str, account: Answering) -> Iterator[Problem]:
    words = {"queue": name_of(document, "queues", slug), "account": account.name}
    for field, kind, address in _addresses(document["queues"][slug]):
        if account.dialect.takes(kind, address):
            continue
        can = account.dialect.capabilities
        if kind in can.target_kinds:
            message = _(
                "Queue “%(queue)s” cannot be reached by calls of “%(account)s”: "
                "use only letters, digits and . _ - in “%(address)s”."
            ) % (words | {"address": address})
        else:
            message = _(
                "Queue “%(queue)s” cannot be reached by calls of “%(account)s”. Its provider reaches: %(kinds)s."
            ) % (words | {"kinds": reached_by(can)})
        yield error(("queues", slug, field), message)


def _addresses(queue: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, kind, address) of all that callers of this queue may hear."""
    kind = queue["voice_kind"]
    if "voice_address" in queue:
        yield "voice_address", kind, queue["voice_address"]
    for action, field in (("when_closed", "closed_address"), ("when_full", "full_address")):
        if queue.get(action) in SPOKEN and field in queue:
            is_number = kind != VoiceKind.SIP and queue[field].startswith("+")
            yield field, VoiceKind.PHONE if is_number else VoiceKind.SIP, queue[field]
