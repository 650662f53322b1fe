"""Contacts added up to report intervals: one for each quarter of an hour, channel, flow, queue and tier.

Branches apart: fifty of them that lead to three queues make three rows of figures, and fifty short ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from routing.models import BranchInterval, ReportInterval
from routing.reports.contacts import Contact
from routing.reports.outcomes import ABANDONED, ANSWERED, ENDED

QUARTER = timedelta(minutes=15)

Key = tuple[datetime, str, str, str, str]
Branch = tuple[datetime, str, str]


def added_up(contacts: Iterable[Contact]) -> tuple[list[ReportInterval], list[BranchInterval]]:
    """The intervals of these contacts, and those of the branches that they took, not stored yet."""
    rows: dict[Key, ReportInterval] = {}
    taken: Counter[Branch] = Counter()
    for contact in contacts:
        starts_at = quarter_of(contact.decided_at)
        _add(rows, contact, starts_at)
        if contact.branch:
            taken[starts_at, contact.flow, contact.branch] += 1
    return list(rows.values()), branch_intervals(taken)


def branch_intervals(taken: Mapping[Branch, int]) -> list[BranchInterval]:
    """Rows, not stored yet, of how many contacts took each branch of a flow in a quarter."""
    return [
        BranchInterval(starts_at=starts_at, flow=flow, branch=branch, contacts=contacts)
        for (starts_at, flow, branch), contacts in taken.items()
    ]


def quarter_of(moment: datetime) -> datetime:
    """The beginning of its quarter of an hour."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _add(rows: dict[Key, ReportInterval], contact: Contact, starts_at: datetime) -> None:
    key = (starts_at, contact.channel, contact.flow, contact.queue, contact.tier)
    row = rows.get(key)
    if row is None:
        _, channel, flow, queue, tier = key
        row = rows[key] = ReportInterval(
            starts_at=starts_at, channel=channel, flow=flow, queue=queue, tier=tier, contacts=0
        )
    row.contacts += 1
    row.last_path += contact.is_on_last_path
    row.overflowed += contact.is_overflowed
    row.blocked += contact.is_blocked
    if contact.is_announced:
        row.announced += 1
    else:
        _add_outcome(row, contact)


def _add_outcome(row: ReportInterval, contact: Contact) -> None:
    state, wait_s = contact.outcome.state, contact.outcome.wait_s
    if state == ANSWERED:
        row.answered += 1
        if wait_s is not None:
            row.timed += 1
            row.wait_s += wait_s
            row.in_time += contact.is_in_time
    elif state == ABANDONED:
        waited = wait_s or 0
        row.abandoned += 1
        row.abandoned_in_time += waited <= contact.terms.target_s
        row.abandoned_5 += waited <= 5
        row.abandoned_10 += waited <= 10
        row.abandoned_20 += waited <= 20
    elif state == ENDED:
        row.ended += 1
    _add_value(row, contact)


def _add_value(row: ReportInterval, contact: Contact) -> None:
    """The customer's value, where it is known and so is whether he was answered in time."""
    is_judged = contact.outcome.state in (ABANDONED, ENDED) or (
        contact.outcome.state == ANSWERED and contact.outcome.wait_s is not None
    )
    if contact.value is None or not is_judged:
        return
    row.valued += 1
    if contact.is_in_time:
        row.value_in_time += contact.value
    else:
        row.value_missed += contact.value
