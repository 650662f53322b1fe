"""A PostgreSQL and a Redis of our own, in a temporary folder, for as long as a `with` lasts."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

PORTS = range(20_000, 32_000)
"""Below the ports that the system gives to outgoing connections, so that nobody takes one in between."""

START_WITHIN_S = 30.0
MIGRATED = "MIGRATED_DATABASE_URL"
"""Names a database in which all migrations have run and nothing else: to be copied, never to be used."""

_given: set[int] = set()


def free_port() -> int:
    """A port of the loopback that nobody listens on, by TCP or by UDP. Never the same one twice."""
    while True:
        port = random.choice(PORTS)
        if port not in _given and all(_is_free(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            _given.add(port)
            return port


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(type=kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def find_program(name: str) -> str | None:
    """Where a server program lies: Debian keeps PostgreSQL's out of the PATH, and some out of a user's."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(beside[0]) if beside else shutil.which(name) or shutil.which(name, path="/usr/sbin")


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL that forgets everything; gives its DATABASE_URL. Never runs as root, which it refuses."""
    with tempfile.TemporaryDirectory(prefix="contactcenter-pg-") as folder:
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        initdb = [_need("initdb"), "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run([*initdb, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)
        port = free_port()
        fast = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
        command = [_need("postgres"), "-D", f"{folder}/data", "-k", folder, "-h", "127.0.0.1", "-p", str(port)]
        url = f"postgresql://postgres@127.0.0.1:{port}/contactcenter"
        with _server([*command, *(f"-c{setting}" for setting in fast)], folder, **as_user) as ready_when:
            admin = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            ready_when(lambda: psycopg.connect(admin, connect_timeout=2).close())
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute("CREATE DATABASE contactcenter")
            yield url


def address_of(database: Mapping[str, Any]) -> str:
    """The DATABASE_URL of Django's settings of a PostgreSQL."""
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database)


def copy_database(source: str, target: str) -> None:
    """All of one database into an empty one, of another server if need be."""
    dump = subprocess.Popen([_need("pg_dump"), source], stdout=subprocess.PIPE)
    subprocess.run(
        [_need("psql"), "-q", "-v", "ON_ERROR_STOP=1", target], check=True, stdin=dump.stdout, stdout=subprocess.DEVNULL
    )
    assert dump.wait() == 0


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis that keeps nothing; gives its REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="contactcenter-redis-") as folder:
        port = free_port()
        command = [_need("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
        with _server([*command, "--save", "", "--appendonly", "no"], folder) as ready_when:
            ready_when(lambda: redis.Redis(port=port).ping())
            yield f"redis://127.0.0.1:{port}/0"


def _need(program: str) -> str:
    path = find_program(program)
    if path is None:
        raise FileNotFoundError(f"{program} is not installed; `make test` says what is missing.")
    return path


@contextmanager
def _server(command: list[str], folder: str, **as_user: Any) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Run a server, give a function that waits until a probe succeeds, and end the server in any case."""
    log = Path(folder, "log")
    with log.open("wb") as output:
        # A session of its own: Ctrl-C is ours to pass on, after the tests have ended.
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, start_new_session=True, **as_user)

    def ready_when(probe: Callable[[], object]) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            try:
                probe()
                return
            except (psycopg.Error, redis.RedisError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}") from error
                time.sleep(0.05)

    try:
        yield ready_when
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; SIGTERM would wait for its clients
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
