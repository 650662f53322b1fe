"""What the decide server counts. Few series, named; labels are short names of the configuration only.

Counted where it happens, never when somebody asks: whichever worker answers `/metrics` speaks for all of them.
"""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from routing.answers import Answer
from routing.decision_log import log_decision

DECISIONS = Counter("routing_decisions", "Decisions by queue, reason and what was degraded.", ["queue", "reason"])
DEGRADED = Counter("routing_degraded", "Decisions that had to do without something.", ["what"])
FETCHES = Counter("routing_fetches", "Answers of data sources by how they ended.", ["source", "outcome"])
SECONDS = Histogram(
    "routing_decision_seconds",
    "From the request's body to the answer's.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5),
)
UNRECORDED = Counter("routing_unrecorded", "Decisions and events that the spool refused, most of them for a moment.")
UNWRITTEN = Gauge("routing_unwritten", "Those that wait in memory for the disk now.", multiprocess_mode="livesum")
LOST = Counter("routing_lost", "Those that did not fit there, or waited there when their process ended.")
RELEASE = Gauge("routing_release", "Number of the release that is decided by.", multiprocess_mode="livemin")
LOAD_FAILURES = Counter("routing_live_failures", "Times the live folder could not be read or taken over.")


def decided(answer: Answer, seconds: float) -> None:
    """Count one decision, and log it."""
    _decisions(answer.get("queue", ""), answer["reason"]).inc()
    SECONDS.observe(seconds)
    for what in answer["degraded"]:
        DEGRADED.labels(what).inc()
    log_decision(answer, seconds)


def fetched(source: str, outcome: str) -> None:
    """Count one answer of a data source: ok, not_found, timeout, error, or stale where an earlier one stood in."""
    FETCHES.labels(source, outcome).inc()


@cache
def _decisions(queue: str, reason: str) -> Counter:
    """The series of one queue and reason: finding it anew costs more than counting."""
    return DECISIONS.labels(queue, reason)
