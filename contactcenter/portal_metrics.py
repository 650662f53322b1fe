"""What only the database knows, as metrics of the portal: the newest release, numbers, and how syncs went."""

from collections.abc import Callable, Iterator
from math import inf

from django.db import DatabaseError
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils import timezone
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from customers.alerts.conditions import CONDITIONS
from customers.models import Alert, CrmConnection, CrmEvent, Heartbeat, SyncRun
from routing import number_use
from routing.messaging import figures
from routing.models import Release

GAUGES = {
    "portal_database_up": "1 while the database answers, else 0 and none of the following.",
    "routing_numbers_silent": "Numbers on which nobody has called or written for longer than is expected.",
    "routing_numbers_without_flow": "Numbers of the draft that lead nowhere.",
    "routing_newest_release": "Number of the release that was published last; 0 before the first.",
    "portal_beat_age_seconds": "Since the scheduler's last sign of life.",
    "crm_alerts": "Alerts that are open, by condition.",
    "crm_push_waiting": "Events of a CRM that are still to be applied.",
    "routing_messages_waiting": "Messages that are not decided yet; counted up to 10,000.",
    "routing_messages_oldest_age_seconds": "Since the oldest of them was received; 0 without any.",
    "routing_deliveries_waiting": "What help desks are still to be told; counted up to 10,000.",
    "routing_deliveries_given_up": "Given up within a day and not sent again; counted up to 10,000.",
    "routing_notifications_waiting": "What third parties are still to be told; counted up to 10,000.",
    "routing_notifications_given_up": "Given up within a day and not sent again; counted up to 10,000.",
    "crm_sync_failed": "1 when the last sync of this CRM connection failed, else 0.",
    "crm_sync_success_age_seconds": "Since the last sync of this CRM connection that succeeded.",
}
_NO_ENDS = (*SyncRun.UNFINISHED, SyncRun.State.PUSHED, SyncRun.State.PREVIEWED)
_SUCCEEDED = (SyncRun.State.SUCCEEDED, SyncRun.State.PARTIAL)


class DatabaseCollector(Collector):
    """A few small queries whenever somebody looks. Connections that are switched off are left out."""

    def __init__(self, database_answers: Callable[[], bool]) -> None:
        self._database_answers = database_answers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Never raises or waits: without the database there is one gauge that says so."""
        families: list[GaugeMetricFamily] = []
        try:
            if self._database_answers():
                families = [*_releases(), *_numbers(), *_messages(), *_syncs(), *_alerts()]
        except DatabaseError:
            pass  # it went away in between
        yield _gauge("portal_database_up", float(bool(families)))
        yield from families


def registry(database_answers: Callable[[], bool]) -> CollectorRegistry:
    """The portal's own: what the decide server counts has no meaning here."""
    own = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=own)
    own.register(DatabaseCollector(database_answers))
    return own


def _releases() -> Iterator[GaugeMetricFamily]:
    yield _gauge("routing_newest_release", Release.objects.aggregate(newest=Max("number"))["newest"] or 0)


def _numbers() -> Iterator[GaugeMetricFamily]:
    yield _gauge("routing_numbers_silent", number_use.silent(timezone.now()).count())
    yield _gauge("routing_numbers_without_flow", number_use.without_flow().count())


def _messages() -> Iterator[GaugeMetricFamily]:
    now = figures.backlog(timezone.now())
    yield _gauge("routing_messages_waiting", now.messages)
    yield _gauge("routing_messages_oldest_age_seconds", now.oldest_message_s)
    yield _gauge("routing_deliveries_waiting", now.deliveries)
    yield _gauge("routing_deliveries_given_up", now.deliveries_given_up)
    yield _gauge("routing_notifications_waiting", now.notifications)
    yield _gauge("routing_notifications_given_up", now.notifications_given_up)


def _syncs() -> Iterator[GaugeMetricFamily]:
    failed = GaugeMetricFamily("crm_sync_failed", GAUGES["crm_sync_failed"], labels=["connection"])
    age = GaugeMetricFamily(
        "crm_sync_success_age_seconds", GAUGES["crm_sync_success_age_seconds"], labels=["connection"]
    )
    finished = SyncRun.objects.filter(connection=OuterRef("pk")).exclude(state__in=_NO_ENDS).order_by("-pk")
    connections = CrmConnection.objects.filter(is_enabled=True).annotate(
        last_state=Subquery(finished.values("state")[:1]),
        succeeded_at=Max("runs__finished_at", filter=Q(runs__state__in=_SUCCEEDED)),
    )
    now = timezone.now()
    for slug, last_state, succeeded_at in connections.values_list("slug", "last_state", "succeeded_at"):
        failed.add_metric([slug], float(last_state == SyncRun.State.FAILED))
        age.add_metric([slug], (now - succeeded_at).total_seconds() if succeeded_at else inf)
    yield from (failed, age)


def _alerts() -> Iterator[GaugeMetricFamily]:
    seen_at = Heartbeat.objects.filter(pk=Heartbeat.BEAT).values_list("seen_at", flat=True).first()
    yield _gauge("portal_beat_age_seconds", (timezone.now() - seen_at).total_seconds() if seen_at else inf)
    counted = Alert.objects.filter(cleared_at__isnull=True).order_by().values("condition").annotate(count=Count("pk"))
    open_now = dict(counted.values_list("condition", "count"))
    alerts = GaugeMetricFamily("crm_alerts", GAUGES["crm_alerts"], labels=["condition"])
    for condition in CONDITIONS:
        alerts.add_metric([condition], open_now.get(condition, 0))
    yield alerts
    yield _gauge("crm_push_waiting", CrmEvent.objects.filter(state=CrmEvent.State.WAITING).count())


def _gauge(name: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, GAUGES[name], value)
