"""The answer to a what-if: figures by tier, two pictures, and what they mean in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contactcenter.foundation import charts
from queues.admin.what_if_form import Asked
from queues.admin.what_if_pictures import pictures
from queues.admin.what_if_verdict import Verdict, verdict
from queues.admin.what_if_words import duration, percent
from queues.staffing import Centre
from queues.waiting_by_class import Outcome


@dataclass(frozen=True)
class Row:
    """What comes of one tier, in words."""

    name: str
    in_time: str
    asa: str
    abandoned: str
    slowest: str
    needed: str


@dataclass(frozen=True)
class Answer:
    """Everything the page says."""

    agents: int
    occupancy: str
    rows: Sequence[Row]
    is_promise_kept: bool
    promise: str
    pictures: Sequence[charts.Chart]
    verdict: Verdict | None


def answer(asked: Asked) -> Answer:
    """Reckon what is `asked`. Raises Absurd."""
    centre = Centre(asked.callers, asked.within_s)
    now = centre.served_by(asked.agents)
    needed = [centre.agents_for(kind, asked.percent) for kind in range(len(asked.callers))]
    last = asked.last
    return Answer(
        asked.agents,
        percent(centre.occupancy(asked.agents)),
        [_row(*each) for each in zip(asked.names, now, needed, strict=True)],
        now[last].slowest_s <= asked.promised_s,
        _promise(asked.names[last], now[last].slowest_s, asked.promised_s),
        pictures(asked, centre, needed),
        verdict(asked, centre, now),
    )


def _row(name: str, outcome: Outcome, needed: int) -> Row:
    return Row(
        name,
        percent(outcome.in_time),
        duration(outcome.asa_s),
        percent(outcome.abandoned),
        duration(outcome.slowest_s),
        number_format(needed),
    )


def _promise(name: str, slowest_s: float, promised_s: int) -> str:
    words = {"tier": name, "slowest": duration(slowest_s), "promised": duration(promised_s)}
    if isinf(slowest_s):
        return _("%(tier)s: these agents cannot keep up, and the line only grows. Promised: %(promised)s.") % words
    if slowest_s > promised_s:
        return _("%(tier)s: 5 of 100 callers wait longer than %(slowest)s. Promised: %(promised)s.") % words
    return _("%(tier)s: 95 of 100 callers wait %(slowest)s at most. Promised: %(promised)s.") % words
