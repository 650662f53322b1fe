"""How messages and notifications stand: for the list of conversations, for Home, and for metrics."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Subquery, Value

from routing.models import Conversation, Delivery, InboundMessage, Notification
from routing.models.flows import Channel

WEEK, DAY = timedelta(days=7), timedelta(days=1)
MOST = 10_000
"""More than so many are not counted."""


@dataclass(frozen=True)
class Share:
    """How many of a channel's conversations were decided without knowing who wrote."""

    channel: str
    conversations: int
    unknown: int

    @property
    def percent(self) -> int:
        return round(100 * self.unknown / self.conversations)


def shares(now: datetime) -> list[Share]:
    """The share of unknown customers of each channel, of conversations that began within the last week."""
    recent = Conversation.objects.filter(opened_at__gte=now - WEEK, is_known__isnull=False).order_by("channel")
    counts = recent.values_list("channel").annotate(number=Count("pk"), unknown=Count("pk", filter=Q(is_known=False)))
    labels = dict(Channel.choices)
    return [Share(str(labels.get(channel, channel)), number, unknown) for channel, number, unknown in counts]


@dataclass(frozen=True)
class Backlog:
    """What waits, and what was given up within a day; the oldest message's age in seconds, 0 without any."""

    messages: int
    oldest_message_s: float
    deliveries: int
    deliveries_given_up: int
    notifications: int
    notifications_given_up: int


def backlog(now: datetime) -> Backlog:
    """A handful of small queries, each over an index of what is not done."""
    waiting = InboundMessage.objects.filter(state="waiting")
    oldest = waiting.aggregate(oldest=Min("received_at"))["oldest"]
    return Backlog(
        messages=_count(waiting),
        oldest_message_s=max((now - oldest).total_seconds(), 0.0) if oldest else 0.0,
        deliveries=_count(Delivery.objects.filter(state="waiting")),
        deliveries_given_up=_count(_given_up(Delivery, now - DAY)),
        notifications=_count(Notification.objects.filter(state="waiting")),
        notifications_given_up=_count(_given_up(Notification, now - DAY)),
    )


def number_given_up(model: type[Delivery] | type[Notification], since: datetime) -> Subquery:
    """How many were given up since then and not sent again, as a part of another query; null for none."""
    rows = _given_up(model, since).order_by().annotate(all=Value(1)).values("all")
    return Subquery(rows.annotate(number=Count("pk")).values("number"))


def _given_up(model: type[Delivery] | type[Notification], since: datetime) -> "QuerySet[Any]":
    rows: QuerySet[Any] = model._default_manager.filter(state="dead", finished_at__gte=since)
    return rows


def _count(rows: "QuerySet[Any]") -> int:
    return rows.order_by("-pk")[:MOST].count()
