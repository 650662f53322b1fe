"""What only the database knows, as metrics of the portal: the newest release, and how syncs went."""

from collections.abc import Iterator
from math import inf

from django.db import DatabaseError
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from customers.models import CrmConnection, SyncRun
from routing.models import Release

GAUGES = {
    "portal_database_up": "1 while the database answers, else 0 and none of the following.",
    "routing_newest_release": "Number of the release that was published last; 0 before the first.",
    "crm_sync_failed": "1 when the last sync of this CRM connection failed, else 0.",
    "crm_sync_success_age_seconds": "Since the last sync of this CRM connection that succeeded.",
}
_SUCCEEDED = (SyncRun.State.SUCCEEDED, SyncRun.State.PARTIAL)


class DatabaseCollector(Collector):
    """Two small queries whenever somebody looks. Connections that are switched off are left out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Never raises: without the database there is one gauge that says so."""
        try:
            families = [*_releases(), *_syncs()]
        except DatabaseError:
            families = []
        yield _gauge("portal_database_up", float(bool(families)))
        yield from families


def registry() -> CollectorRegistry:
    """The portal's own: what the decide server counts has no meaning here."""
    own = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=own)
    own.register(DatabaseCollector())
    return own


def _releases() -> Iterator[GaugeMetricFamily]:
    yield _gauge("routing_newest_release", Release.objects.aggregate(newest=Max("number"))["newest"] or 0)


def _syncs() -> Iterator[GaugeMetricFamily]:
    failed = GaugeMetricFamily("crm_sync_failed", GAUGES["crm_sync_failed"], labels=["connection"])
    age = GaugeMetricFamily(
        "crm_sync_success_age_seconds", GAUGES["crm_sync_success_age_seconds"], labels=["connection"]
    )
    finished = SyncRun.objects.filter(connection=OuterRef("pk")).exclude(state__in=SyncRun.UNFINISHED).order_by("-pk")
    connections = CrmConnection.objects.filter(is_enabled=True).annotate(
        last_state=Subquery(finished.values("state")[:1]),
        succeeded_at=Max("runs__finished_at", filter=Q(runs__state__in=_SUCCEEDED)),
    )
    now = timezone.now()
    for slug, last_state, succeeded_at in connections.values_list("slug", "last_state", "succeeded_at"):
        failed.add_metric([slug], float(last_state == SyncRun.State.FAILED))
        age.add_metric([slug], (now - succeeded_at).total_seconds() if succeeded_at else inf)
    yield from (failed, age)


def _gauge(name: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, GAUGES[name], value)
