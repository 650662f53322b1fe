"""The two pictures of a what-if: who is answered in time, and how long the slowest wait, by the number of agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, isinf

from django.utils.formats import number_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from contactcenter.foundation import charts
from contactcenter.foundation.translating import listed
from queues.admin.what_if_form import Asked
from queues.admin.what_if_words import duration
from queues.staffing import Centre
from queues.waiting_by_class import Outcome

POINTS = 11
"""Numbers of agents in a picture."""

LONGEST_DRAWN_S = 3600
"""Longer waits touch the upper edge of the picture: beside them the others would be nothing."""


@dataclass(frozen=True)
class _Scale:
    """Numbers of agents, what comes of each, and where those of today stand among them."""

    labels: Sequence[str]
    found: Sequence[Sequence[Outcome]]
    here: charts.Here


def pictures(asked: Asked, centre: Centre, needed: Sequence[int]) -> list[charts.Chart]:
    """Ready to be shown. `needed`: agents that each tier needs."""
    scale, lines = _scale(asked, centre, needed), _lines(asked)
    return [charts.draw(_in_time(asked, scale, lines)), charts.draw(_slowest(asked, scale, lines))]


def _scale(asked: Asked, centre: Centre, needed: Sequence[int]) -> _Scale:
    least = min(asked.agents, max(1, int(centre.erlangs)))
    most = max(asked.agents, *needed) + 2
    step = ceil((most - least + 1) / POINTS)
    numbers = range(least, most + step, step)
    name = _("Now: %(agents)s agents") % {"agents": number_format(asked.agents)}
    return _Scale(
        [number_format(agents) for agents in numbers],
        [centre.served_by(agents) for agents in numbers],
        charts.Here(name, (asked.agents - least) / step),
    )


def _in_time(asked: Asked, scale: _Scale, lines: Sequence[tuple[str, int]]) -> charts.Plot:
    return charts.Plot(
        "in-time",
        _("Answered within %(seconds)s") % {"seconds": duration(asked.within_s)},
        charts.LINES,
        scale.labels,
        [charts.Series(name, [outcomes[kind].in_time * 100 for outcomes in scale.found]) for name, kind in lines],
        description=_("How many are answered in time, by the number of agents who take everybody."),
        x_title=_("Agents"),
        y_title=_("Percent"),
        top=100,
        level=charts.Level(_("Target: %(percent)s %%") % {"percent": asked.percent}, asked.percent),
        here=scale.here,
        say=lambda value: number_format(round(value)),
        is_mirrored=get_language_bidi(),
    )


def _slowest(asked: Asked, scale: _Scale, lines: Sequence[tuple[str, int]]) -> charts.Plot:
    waits = [charts.Series(name, [_minutes(each[kind].slowest_s) for each in scale.found]) for name, kind in lines]
    longest = max([wait for series in waits for wait in series.values if wait is not None], default=0)
    words = {"tier": asked.names[asked.last], "seconds": duration(asked.promised_s)}
    return charts.Plot(
        "slowest",
        _("95 of 100 wait at most"),
        charts.LINES,
        scale.labels,
        waits,
        description=_("How long callers wait, the slowest 5 of 100 left out, by the number of agents."),
        x_title=_("Agents"),
        y_title=_("Minutes"),
        top=max(asked.promised_s / 60 * 1.2, min(longest, LONGEST_DRAWN_S / 60)),
        level=charts.Level(_("Promised to %(tier)s: %(seconds)s") % words, asked.promised_s / 60),
        here=scale.here,
        say=lambda value: number_format(value, 0 if value == int(value) else 1),
        unknown=_("without end"),
        is_mirrored=get_language_bidi(),
    )


def _minutes(seconds: float) -> float | None:
    return None if isinf(seconds) else seconds / 60


def _lines(asked: Asked) -> list[tuple[str, int]]:
    """Names, and a tier: those that are treated alike share a line."""

    def turn(kind: int) -> tuple[int, float]:
        return asked.callers[kind].priority_class, -asked.callers[kind].head_start_s

    kinds = sorted(range(len(asked.callers)), key=turn)
    groups = [list(group) for _turn, group in groupby(kinds, turn)]
    lines = [(listed(asked.names[kind] for kind in group), group[0]) for group in groups]
    if len(lines) <= charts.MOST_SERIES:
        return lines
    return [*lines[: charts.MOST_SERIES - 1], lines[-1]]
