"""The figures in words: what each is called, what it means, and how its value is said. For pages, CSV and e-mail."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from contactcenter.foundation.translating import percentage
from routing.models import ReportSettings
from routing.reports.figures import Counts

UNKNOWN = "–"
"""Where there is nothing to say a figure of. It is not zero."""

Number = float | int | None


@dataclass(frozen=True)
class Figure:
    """One figure: its name, one line on what it means, its value, and how that is said."""

    label: Any
    meaning: Any
    value: Callable[[Counts, str], Number]
    say: Callable[[Number], str]


def count(value: Number) -> str:
    """A whole number with its thousands apart."""
    return UNKNOWN if value is None else number_format(value, 0, force_grouping=True)


def percent(value: Number) -> str:
    """A share between 0 and 1, in hundredths."""
    return UNKNOWN if value is None else percentage(hundredths(value))


def hundredths(value: float) -> str:
    """The number of a share; one decimal where it would say 0 or 100 and is neither."""
    shown = value * 100
    is_edge = (round(shown) == 0 and shown > 0) or (round(shown) == 100 and shown < 100)
    return number_format(round(shown, 1), 1) if is_edge else number_format(round(shown), 0)


def seconds(value: Number) -> str:
    """A wait: 48 s, 3 min 20 s, or 5 min."""
    if value is None:
        return UNKNOWN
    minutes, rest = divmod(round(value), 60)
    if minutes < 2:
        return _("%(seconds)s s") % {"seconds": count(round(value))}
    if not rest:
        return _("%(minutes)s min") % {"minutes": count(minutes)}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": count(minutes), "seconds": rest}


def money(value: Number) -> str:
    """Cents as an amount, without a currency: a CRM has one."""
    return UNKNOWN if value is None else number_format(Decimal(value) / 100, 2, force_grouping=True)


FIGURES: dict[str, Figure] = {
    "contacts": Figure(
        lazy("Contacts"),
        lazy("Calls or conversations that were sent somewhere. A call that comes back from a queue counts again."),
        lambda counts, _formula: counts.contacts,
        count,
    ),
    "answered": Figure(
        lazy("Answered"),
        lazy("An agent took the contact."),
        lambda counts, _formula: counts.answered if counts.reported else None,
        count,
    ),
    "service_level": Figure(
        lazy("Service level"),
        lazy("Share answered within the target of the queue."),
        lambda counts, formula: counts.service_level(formula),
        percent,
    ),
    "asa": Figure(
        lazy("ASA"),
        lazy("Average speed of answer: how long those who were answered had waited."),
        lambda counts, _formula: counts.asa_s,
        seconds,
    ),
    "abandonment": Figure(
        lazy("Abandonment"),
        lazy("Share who hung up while waiting."),
        lambda counts, _formula: counts.abandonment,
        percent,
    ),
    "overflow": Figure(
        lazy("Overflow"),
        lazy("Share that went to another queue: the intended one was closed, full, switched off or did not answer."),
        lambda counts, _formula: counts.overflow_share,
        percent,
    ),
    "last_path": Figure(
        lazy("Last path"),
        lazy("Share that no branch took: “everyone else”, or the number's default queue."),
        lambda counts, _formula: counts.last_path_share,
        percent,
    ),
    "blocked": Figure(
        lazy("Blocked"),
        lazy("Calls of blocked callers: turned away, or sent to the queue that the list names."),
        lambda counts, _formula: counts.blocked,
        count,
    ),
    "not_reported": Figure(
        lazy("Not reported"),
        lazy("Share sent to a queue of which nobody told us how it ended. It is in none of the other figures."),
        lambda counts, _formula: counts.not_reported_share,
        percent,
    ),
    "value": Figure(
        lazy("Value in time"),
        lazy("Share of the customers' lifetime value that was answered within the target of the queue."),
        lambda counts, _formula: counts.value_share,
        percent,
    ),
}

OCCUPANCY = (
    lazy("Occupancy"),
    lazy("Share of their logged-in time that agents spend on contacts. Queue events do not tell it."),
)


def said(counts: Counts, formula: str) -> list[str]:
    """The value of every figure in words, in the order of FIGURES."""
    return [figure.say(figure.value(counts, formula)) for figure in FIGURES.values()]


def formula_in_words(settings: ReportSettings) -> str:
    """How the service level is computed, to be printed wherever it stands."""
    words: dict[str, Any] = {"formula": settings.get_formula_display(), "seconds": settings.short_abandon_s}
    if not settings.short_abandon_s:
        return _("Service level = %(formula)s. Everyone who hung up counts.") % words
    return _("Service level = %(formula)s. Who hung up within %(seconds)s seconds is left out.") % words


SUMS: dict[str, Any] = {
    "contacts": lazy("contacts"),
    "last_path": lazy("no branch took them"),
    "overflowed": lazy("sent to another queue than the branch's"),
    "announced": lazy("heard an announcement or left a message"),
    "blocked": lazy("of blocked callers"),
    "answered": lazy("answered"),
    "timed": lazy("answered after a reported wait"),
    "in_time": lazy("answered in time"),
    "wait_s": lazy("their waits together, in seconds"),
    "abandoned": lazy("hung up while waiting"),
    "abandoned_kept": lazy("hung up within the target"),
    "short": lazy("hung up too soon to count"),
    "ended": lazy("ended otherwise"),
    "valued": lazy("reported, lifetime value known"),
    "value_in_time": lazy("lifetime values of those answered in time, in cents"),
    "value_missed": lazy("lifetime values of the others, in cents"),
}
"""The sums of a report by field, as heads of columns."""
