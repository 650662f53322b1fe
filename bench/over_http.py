"""Servers beside each other, each behind its own gunicorn: ours, what it is compared with, and ours asked otherwise.

All servers of a measurement stand ready the whole time, on one core. In each round the same client, on the other
core, keeps them busy in turns far shorter than a second: whatever else the machine does falls on all of them.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import client, database
from bench.asking import TWILIO
from bench.figures import Figure
from bench.live_folders import live_folder
from bench.servers import Kind, Server, pinned_client, serving

OURS, EMPTY, BARE = "contactcenter.decide_settings", "bench.empty_drf_settings", "bench.bare_wsgi:application"
WARM_UP_S = 1.5
TURN_S = 0.3
FEW_BRANCHES, MANY_BRANCHES, CALLERS = 3, 1_000, 10_000
CONNECTIONS_A_WORKER = 8
"""With several workers the system deals out connections by chance: with four, one worker may get none."""

Loads = list[dict[str, client.Load]]


def measure(folder: Path, customers: int, rounds: int, seconds: float) -> list[Figure]:
    """Ours against all others, one worker each; every answer of every server is checked."""
    live = {"LIVE_DIR": str(live_folder(folder, customers))}
    with database.database(folder) as url:
        loaded = database.fill(url, customers)
        print(f"The obvious version knows {loaded:,} customers, ours {customers:,}.")
        kinds = [
            Kind("decide", OURS, customers, live),
            Kind("empty_drf", EMPTY, customers, live),
            Kind("obvious", "bench.obvious_settings", loaded, {"DATABASE_URL": url}),
            Kind("bare_wsgi", EMPTY, customers, live, application=BARE),
            Kind("twilio", OURS, customers, live, manner=TWILIO),
        ]
        loads = _loads(kinds, folder, rounds, seconds)
    return [
        Figure("decide_vs_empty_drf", _ratios(loads, "decide", "empty_drf"), goal=0.70),
        Figure("decide_vs_obvious", _ratios(loads, "decide", "obvious"), goal=3.0),
        Figure("decide_vs_bare_wsgi", _ratios(loads, "decide", "bare_wsgi"), goal=None),
        Figure("twilio_vs_empty_drf", _ratios(loads, "twilio", "empty_drf"), goal=None),
    ]


def with_two_workers(folder: Path, customers: int, rounds: int, seconds: float) -> Figure:
    """Ours against an empty DRF view, both with a worker for each of two cores, which the client has to share."""
    live = {"LIVE_DIR": str(live_folder(folder, customers))}
    kinds = [
        Kind("decide 2 workers", OURS, customers, live, workers=2),
        Kind("empty 2 workers", EMPTY, customers, live, workers=2),
    ]
    loads = _loads(kinds, folder, rounds, seconds)
    return Figure("decide_two_workers", _ratios(loads, kinds[0].name, kinds[1].name), goal=0.65)


def by_branches(folder: Path, rounds: int, seconds: float) -> Figure:
    """What a decision among 1,000 branches costs over HTTP, in times of one among three."""
    few, many = (_with_branches(folder, count) for count in (FEW_BRANCHES, MANY_BRANCHES))
    loads = _loads([few, many], folder, rounds, seconds)
    return Figure("decide_cost_by_branches", _ratios(loads, few.name, many.name), goal=1.2, at_most=True)


def _with_branches(folder: Path, count: int) -> Kind:
    return Kind(f"{count} branches", OURS, CALLERS, {"LIVE_DIR": str(live_folder(folder, CALLERS, count))})


def _loads(kinds: Sequence[Kind], folder: Path, rounds: int, seconds: float) -> Loads:
    """All servers started, warmed up and kept busy; round by round, what came of it by name."""
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(kind, folder)) for kind in kinds]
        if all(kind.workers == 1 for kind in kinds):
            stack.enter_context(pinned_client())
        for server in servers:
            _load(server, "warm-up", WARM_UP_S)
        loads = [_round(servers, number, seconds) for number in range(rounds)]
    for kind in kinds:
        _tell(kind.name, [each[kind.name] for each in loads])
    return loads


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
    kind = server.kind
    asked = kind.manner.questions(server.port, kind.customers, f"{kind.name}-{run}")
    over = client.CONNECTIONS if kind.workers == 1 else CONNECTIONS_A_WORKER * kind.workers
    return client.keep_busy(server.port, asked, seconds, kind.manner.proof, over)


def _ratios(loads: Loads, one: str, other: str) -> list[float]:
    return [each[one].per_second / each[other].per_second for each in loads]


def _tell(name: str, loads: Sequence[client.Load]) -> None:
    each_second = median(load.per_second for load in loads)
    half, most = (median(load.percentile(share) for load in loads) * 1000 for share in (0.5, 0.99))
    busy = max(load.busy for load in loads)
    print(f"{name:<16} {each_second:>7,.0f}/s  p50 {half:.2f} ms  p99 {most:.1f} ms  client busy {busy:.0%} at most")
