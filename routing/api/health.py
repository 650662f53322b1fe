"""`/livez`, `/readyz` and `/metrics` of the decide server."""

import os
from time import monotonic

import orjson
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client import REGISTRY as PROCESS_REGISTRY

from contactcenter.foundation.problems import problem
from routing.host_metrics import HostCollector
from routing.plane import plane


def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is looked at."""
    return HttpResponse(b"ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """200 while any release is held, with its number and age; 503 only without one."""
    held = plane().live.held
    if held.release is None:
        return _json({"ready": False, "release": None}, 503)
    return _json(
        {"ready": True, "release": held.release.number, "held_for_s": round(monotonic() - held.loaded_at)}, 200
    )


def metrics_page(_request: HttpRequest) -> HttpResponse:
    """Prometheus text of all worker processes of this host, and of its folder."""
    registry = PROCESS_REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its types are missing
    host = CollectorRegistry()
    host.register(HostCollector(plane().live.folder))
    return HttpResponse(generate_latest(registry) + generate_latest(host), content_type=CONTENT_TYPE_LATEST)


def not_found(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Every other address."""
    return problem(404, "not_found", "There is nothing at this address.")


def _json(body: dict[str, object], status: int) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
