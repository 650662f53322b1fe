"""Our endpoint beside an empty DRF view and beside the obvious version, each behind its own gunicorn.

All servers stand ready during the whole measurement, on one core. In each round the same client, on the other
core, keeps them busy in turns far shorter than a second: whatever else the machine does falls on all of them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench import client, database
from bench.figures import Figure
from bench.live_folders import live_folder
from bench.servers import CLIENT_CORE, Server, pin, serving

DECIDE, EMPTY_DRF, OBVIOUS = "decide", "empty_drf", "obvious"
PATH = "/api/v1/decisions"
WARM_UP_S = 1.5
TURN_S = 0.3
FEW_BRANCHES, MANY_BRANCHES, CALLERS = 3, 1_000, 10_000


def measure(folder: Path, customers: int, rounds: int, seconds: float) -> list[Figure]:
    """The two ratios of throughput over HTTP; every answer of every server is checked."""
    with _servers(folder, customers) as servers:
        pin(CLIENT_CORE)  # after the servers have started: they would inherit it
        for server in servers:
            _load(server, "warm-up", WARM_UP_S)
        loads = [_round(servers, number, seconds) for number in range(rounds)]
    for server in servers:
        _tell(server.name, [each[server.name] for each in loads])
    return [
        Figure("decide_vs_empty_drf", [_ratio(each, EMPTY_DRF) for each in loads], goal=0.70),
        Figure("decide_vs_obvious", [_ratio(each, OBVIOUS) for each in loads], goal=3.0),
    ]


def by_branches(folder: Path, rounds: int, seconds: float) -> Figure:
    """What a decision among 1,000 branches costs over HTTP, in times of one among three."""
    free = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    with ExitStack() as stack:
        few, many = (stack.enter_context(_with_branches(folder, count)) for count in (FEW_BRANCHES, MANY_BRANCHES))
        pin(CLIENT_CORE)
        for server in (few, many):
            _load(server, "warm-up", WARM_UP_S)
        loads = [_round([few, many], number, seconds) for number in range(rounds)]
    if free:
        os.sched_setaffinity(0, free)  # whoever is measured next is to start as we did
    for server in (few, many):
        _tell(server.name, [each[server.name] for each in loads])
    ratios = [each[few.name].per_second / each[many.name].per_second for each in loads]
    return Figure("decide_cost_by_branches", ratios, goal=1.2, at_most=True)


def _with_branches(folder: Path, count: int) -> AbstractContextManager[Server]:
    live = {"LIVE_DIR": str(live_folder(folder, CALLERS, count))}
    return serving(f"{count} branches", "contactcenter.decide_settings", CALLERS, folder, live)


@contextmanager
def _servers(folder: Path, customers: int) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        url = stack.enter_context(database.database(folder))
        loaded = database.fill(url, customers)
        print(f"The obvious version knows {loaded:,} customers, ours {customers:,}.")
        live = {"LIVE_DIR": str(live_folder(folder, customers))}
        decide = serving(DECIDE, "contactcenter.decide_settings", customers, folder, live)
        empty = serving(EMPTY_DRF, "bench.empty_drf_settings", customers, folder, live)
        obvious = serving(OBVIOUS, "bench.obvious_settings", loaded, folder, {"DATABASE_URL": url})
        yield [stack.enter_context(each) for each in (decide, empty, obvious)]


def _round(servers: Sequence[Server], number: int, seconds: float) -> dict[str, client.Load]:
    """Each server for `seconds` in all; who comes first changes from turn to turn."""
    loads: dict[str, client.Load] = {}
    for turn in range(max(1, round(seconds / TURN_S))):
        first = turn % len(servers)
        for server in (*servers[first:], *servers[:first]):
            load = _load(server, f"round-{number}-{turn}", TURN_S)
            loads[server.name] = loads[server.name] + load if server.name in loads else load
    return loads


def _load(server: Server, run: str, seconds: float) -> client.Load:
    return client.keep_busy(server.port, client.questions(server.port, PATH, server.customers, run), seconds)


def _ratio(loads: dict[str, client.Load], other: str) -> float:
    return loads[DECIDE].per_second / loads[other].per_second


def _tell(name: str, loads: Sequence[client.Load]) -> None:
    each_second = median(load.per_second for load in loads)
    half, most = (median(load.percentile(share) for load in loads) * 1000 for share in (0.5, 0.99))
    busy = max(load.busy for load in loads)
    print(f"{name:<13} {each_second:>7,.0f}/s  p50 {half:.2f} ms  p99 {most:.1f} ms  client busy {busy:.0%} at most")
