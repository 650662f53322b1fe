"""What PostgreSQL and Redis, frozen or killed under load, do to the time that a decision takes."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from bench import asking, client
from bench.control_plane import CUSTOMERS, courier_at_work
from bench.figures import Figure
from bench.over_http import OURS, WARM_UP_S
from bench.servers import Kind, Server, pinned_client, serving
from tests import services

BACK_WITHIN_S = 30.0


@dataclass
class Victim:
    """A running program that can be frozen, killed and started again as it was."""

    pid: int
    killed_by: signal.Signals
    answers: Callable[[], object]
    command: list[str]

    def __post_init__(self) -> None:
        proc = Path(f"/proc/{self.pid}")
        self.folder = os.readlink(proc / "cwd")
        self.owner = proc.stat().st_uid
        self.again: subprocess.Popen[bytes] | None = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It and its children stand still: connections stay open and say nothing."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        everybody = [self.pid, *map(int, children)]
        _send(signal.SIGSTOP, everybody)
        try:
            yield
        finally:
            _send(signal.SIGCONT, everybody)

    @contextmanager
    def killed(self) -> Iterator[None]:
        """It is gone at once, and back when the `with` ends."""
        self.end()
        try:
            yield
        finally:
            quiet = subprocess.DEVNULL
            owner = self.owner if os.geteuid() == 0 else None
            self.again = subprocess.Popen(self.command, cwd=self.folder, user=owner, stdout=quiet, stderr=quiet)
            self.pid = self.again.pid
            self._wait()

    def end(self) -> None:
        _send(self.killed_by, [self.pid])
        self.take_leave()

    def take_leave(self) -> None:
        """End it if it is one that we have started; others are ended by whoever did."""
        if self.again is not None:
            _send(self.killed_by, [self.pid])
            self.again.wait()
            self.again = None

    def _wait(self) -> None:
        deadline = time.monotonic() + BACK_WITHIN_S
        while True:
            try:
                self.answers()
                return
            except (psycopg.Error, redis.RedisError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def measure(url: str, folder: Path, rounds: int, seconds: float) -> list[Figure]:
    """The 99th percentile under each fault in times of that in calm turns beside it; every answer is checked."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(services.redis_server())
        os.environ["REDIS_URL"] = redis_url  # the courier's surroundings
        live = {"LIVE_DIR": str(stack.enter_context(courier_at_work(url, folder)))}
        server = stack.enter_context(serving(Kind("decide-faults", OURS, CUSTOMERS, live), folder))
        victims = [_postgres(url), _redis(redis_url)]
        for victim in victims:
            stack.callback(victim.take_leave)
        stack.enter_context(pinned_client())
        _p99(server, "warm-up", WARM_UP_S)
        ratios = [_round(server, victims, number, seconds) for number in range(rounds)]
    names = ("p99_frozen_vs_calm", "p99_killed_vs_calm")
    return [
        Figure(name, each, goal=2.0, at_most=True) for name, each in zip(names, zip(*ratios, strict=True), strict=True)
    ]


def _round(server: Server, victims: list[Victim], number: int, seconds: float) -> tuple[float, float]:
    """(frozen, killed), each against the calm turn just before."""
    ratios = []
    for fault in (Victim.frozen, Victim.killed):
        calm = _p99(server, f"calm-{fault.__name__}-{number}", seconds)
        with ExitStack() as stack:
            for victim in victims:
                stack.enter_context(fault(victim))
            hurt = _p99(server, f"{fault.__name__}-{number}", seconds)
        print(f"{fault.__name__:<7} p99 {hurt * 1000:.1f} ms, calm {calm * 1000:.1f} ms")
        ratios.append(hurt / calm)
    return ratios[0], ratios[1]


def _p99(server: Server, run: str, seconds: float) -> float:
    asked = asking.native(server.port, CUSTOMERS, run)
    return client.keep_busy(server.port, asked, seconds, asking.NATIVE.proof).percentile(0.99)


def _postgres(url: str) -> Victim:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    pid = int(Path(row[0] if row else "", "postmaster.pid").read_text().split()[0])
    # SIGQUIT: down at once, without a word to anybody; after SIGKILL its shared memory would stay behind.
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    return Victim(pid, signal.SIGQUIT, lambda: psycopg.connect(url, connect_timeout=2).close(), command)


def _redis(url: str) -> Victim:
    server = redis.Redis.from_url(url)
    about = server.info("server")
    command = [about["executable"], "--port", str(about["tcp_port"]), "--bind", "127.0.0.1", "--save", ""]
    return Victim(int(about["process_id"]), signal.SIGKILL, server.ping, command)


def _send(number: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
