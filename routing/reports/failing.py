"""Whom we failed, and why: contacts of the highest tiers that did not get what their queue promises."""

from dataclasses import dataclass

from customers.models import LoyaltyTier
from routing.models import Decision, ReportSettings
from routing.reports.contacts import Contact, Promises, contacts
from routing.reports.outcomes import ABANDONED, ANSWERED, ENDED
from routing.reports.periods import Period

HUNG_UP, LATE, NOBODY, SENT_ELSEWHERE, MOVED_ON, ANNOUNCED, DEFAULT = (
    *("hung_up", "late", "nobody", "sent_elsewhere", "moved_on", "announced", "default"),
)
"""Hung up waiting; answered late; ended without an agent; another queue at once, or later; heard a machine; the
last path or a default queue."""

MOST_READ = 5_000
"""Contacts of a day that are looked at; a page of more would help nobody."""


@dataclass(frozen=True)
class Failed:
    """A contact and what went wrong with it: several things may have."""

    contact: Contact
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Failures:
    """Those who were failed, in the order in which they came, out of how many; `is_cut`: there were more to look at."""

    failed: list[Failed]
    contacts: int
    is_cut: bool


def vip_tiers(lowest: LoyaltyTier | None) -> list[LoyaltyTier]:
    """`lowest` and the tiers above it; the highest tier when there is none."""
    ordered = LoyaltyTier.objects.order_by("-rank")
    return list(ordered.filter(rank__gte=lowest.rank)) if lowest else list(ordered[:1])


def failures(period: Period, tiers: list[LoyaltyTier], settings: ReportSettings) -> Failures:
    """The failed contacts of `period` whose customers are in `tiers`."""
    wanted = Decision.objects.filter(decided_at__gte=period.start, decided_at__lt=period.end)
    rows = wanted.filter(tier__in=[tier.slug for tier in tiers]).order_by("decided_at", "pk")[: MOST_READ + 1]
    read = list(contacts(rows, Promises()))
    judged = [Failed(contact, causes(contact, settings.short_abandon_s)) for contact in read[:MOST_READ]]
    return Failures([each for each in judged if each.causes], len(judged), len(read) > MOST_READ)


def causes(contact: Contact, short_abandon_s: int) -> tuple[str, ...]:
    """What went wrong, the worst first; nothing when the contact got what was promised, or nobody told us."""
    state, wait_s = contact.outcome.state, contact.outcome.wait_s
    is_short = short_abandon_s > 0 and (wait_s or 0) <= short_abandon_s
    found = {
        ANNOUNCED: contact.is_announced,
        HUNG_UP: state == ABANDONED and not is_short,
        NOBODY: state == ENDED,
        LATE: state == ANSWERED and wait_s is not None and not contact.is_in_time,
        SENT_ELSEWHERE: contact.is_overflowed and not contact.outcome.other_queue,
        MOVED_ON: bool(contact.outcome.other_queue),
        DEFAULT: contact.is_on_last_path,
    }
    return tuple(cause for cause, holds in found.items() if holds)
