"""Whether agents of their own for the first tier are a good idea."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _

from queues.admin.what_if_form import Asked
from queues.admin.what_if_words import duration, percent
from queues.staffing import Centre, everybody, kept_apart
from queues.waiting_by_class import Callers, Outcome

NOTICED = 0.01
"""A difference that people notice: a caller in a hundred."""


@dataclass(frozen=True)
class Way:
    """One way to put the first tier first, and what comes of it and of everybody else, in words."""

    name: str
    first_in_time: str
    first_asa: str
    others_in_time: str
    others_asa: str


@dataclass(frozen=True)
class Verdict:
    """Whether agents of their own for the first tier harm the others more than going first does."""

    first: str
    others: str
    ways: Sequence[Way]
    is_harmful: bool
    words: str


def verdict(asked: Asked, centre: Centre, now: Sequence[Outcome]) -> Verdict | None:
    """Agents of their own against one line in which the first tier goes first; None where nobody asked."""
    if not asked.own or len(asked.callers) < 2:
        return None
    first = asked.first
    apart = kept_apart(centre, first, asked.own, asked.agents)
    together_others, apart_others = (_others(asked.callers, found, first) for found in (now, apart))
    name = asked.names[first]
    others = _("Everybody else")
    words = {
        "tier": name,
        "own": asked.own,
        "agents": asked.agents,
        "seconds": duration(asked.within_s),
        "apart": percent(apart[first].in_time),
        "apart_others": percent(apart_others[0]),
        "together": percent(now[first].in_time),
        "together_others": percent(together_others[0]),
    }
    is_harmful = apart_others[0] < together_others[0] - NOTICED or apart_others[1] == inf != together_others[1]
    return Verdict(
        name,
        others,
        [
            _way(_("All %(agents)s agents take everybody, %(tier)s first") % words, now[first], together_others),
            _way(_("%(own)s agents for %(tier)s alone") % words, apart[first], apart_others),
        ],
        is_harmful,
        _sentence(words, is_harmful=is_harmful, gain=apart[first].in_time - now[first].in_time),
    )


def _way(name: str, first: Outcome, others: tuple[float, float]) -> Way:
    return Way(name, percent(first.in_time), duration(first.asa_s), percent(others[0]), duration(others[1]))


def _others(callers: Sequence[Callers], found: Sequence[Outcome], first: int) -> tuple[float, float]:
    rest = [kind for kind in range(len(callers)) if kind != first]
    return everybody([callers[kind] for kind in rest], [found[kind] for kind in rest])


def _sentence(words: dict[str, object], *, is_harmful: bool, gain: float) -> str:
    if is_harmful:
        others = _(
            "Agents of their own for %(tier)s harm everybody else more than going first does: %(apart_others)s of them "
            "are answered within %(seconds)s instead of %(together_others)s."
        )
    else:
        others = _(
            "Agents of their own for %(tier)s do the others no harm here: %(apart_others)s of them are answered within "
            "%(seconds)s, and %(together_others)s without."
        )
    if gain > NOTICED:
        own = _("%(tier)s gains: %(apart)s instead of %(together)s.")
    elif gain < -NOTICED:
        own = _("%(tier)s loses: %(apart)s instead of %(together)s.")
    else:
        own = _("%(tier)s gains nothing by it: %(apart)s, and %(together)s without.")
    return f"{others} {own}" % words
