"""Figures of a decide host, not of one of its processes: read from its folder whenever somebody looks."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from math import inf, nan
from pathlib import Path
from time import time

import orjson
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

GAUGES = {
    "routing_spool_backlog": "Decisions and events that are not in the database yet.",
    "routing_spool_set_aside": "Decisions and events that the database refused.",
    "routing_spools_damaged": "Damaged spools that lie in the live folder, salvaged or still to be.",
    "routing_live_files_replaced": "Times the courier replaced a live file that could not be used.",
    "routing_courier_round_age_seconds": "Since the courier's last round that went through.",
    "routing_courier_lag_changes": "Changes in the database that are not on this host yet.",
    "routing_facts_age_seconds": "Since everything in the database was also on this host.",
    "routing_release_age_seconds": "Since the newest release that the courier knows was published.",
}


class HostCollector(Collector):
    """What lies in `folder`. What cannot be known is NaN, which no alert takes for a figure."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge after the other. Never raises: the other metrics are wanted above all on a bad day."""
        values = {
            "routing_spool_backlog": backlog(self.folder),
            "routing_spools_damaged": damaged_spools(self.folder),
            **reported(read(self.folder), time()),
        }
        for name, meaning in GAUGES.items():
            yield GaugeMetricFamily(name, meaning, values[name])


@dataclass(frozen=True)
class Report:
    """What the courier says of itself. Times are seconds since 1970; `lag` counts changes that are not copied yet."""

    at: float
    lag: int
    caught_up_at: float | None
    published_at: float | None
    set_aside: int
    replaced: int = 0


_FIELDS = {each.name for each in fields(Report)}
"""A newer courier may say more."""


def report_path(folder: Path) -> Path:
    return folder / "courier.json"


def read(folder: Path) -> Report | None:
    """The courier's last report; None when there is none that can be read."""
    try:
        found = orjson.loads(report_path(folder).read_bytes())
        return Report(**{name: value for name, value in found.items() if name in _FIELDS})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def backlog(folder: Path) -> float:
    """Rows that wait to be shipped; the index of unshipped rows answers it."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'spool.sqlite3'}?mode=ro", uri=True, timeout=0.05)) as spool:
            return float(spool.execute("SELECT count(*) FROM spool WHERE shipped = 0").fetchone()[0])
    except sqlite3.Error:
        return nan


def damaged_spools(folder: Path) -> int:
    """Files that somebody should look at and then delete."""
    return sum(1 for path in folder.glob("spool-set-aside-*") if path.suffix in (".sqlite3", ".salvaged"))


def reported(report: Report | None, now: float) -> dict[str, float]:
    """The courier's figures as gauges. A courier that never reported has been silent for ever."""
    return {
        "routing_spool_set_aside": nan if report is None else report.set_aside,
        "routing_live_files_replaced": nan if report is None else report.replaced,
        "routing_courier_round_age_seconds": inf if report is None else now - report.at,
        "routing_courier_lag_changes": nan if report is None else report.lag,
        "routing_facts_age_seconds": _age(report.caught_up_at if report else None, now),
        "routing_release_age_seconds": _age(report.published_at if report else None, now),
    }


def _age(moment: float | None, now: float) -> float:
    return nan if moment is None else now - moment
