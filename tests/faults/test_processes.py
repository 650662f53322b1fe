"""A worker is killed, the whole decide server is restarted: nobody but those in that worker's hands notices."""

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.faults.callers import Callers, ask, connected, decision
from tests.faults.contact_centre import ContactCentre, wait_until
from tests.faults.outcome import told

THREADS = 6
HANGS_S = 30.0
"""Callers wait in the socket for as long as Python takes to start."""


def test_a_worker_is_killed_under_load(decide_host: ContactCentre) -> None:
    server = decide_host.start_decide(workers=2)
    wait_until(lambda: len(server.workers) == 2)
    with Callers(decide_host.port, threads=THREADS, keep_alive=False) as callers:
        callers.go_on()
        os.kill(server.workers[0], signal.SIGKILL)
        callers.go_on(1.0)
    wait_until(lambda: len(server.workers) == 2)
    told("one of two decide workers killed -9", callers, lost=THREADS, none_hangs_s=HANGS_S)
    with connected(decide_host.port) as connection:
        for lost in callers.lost:
            first, again = (ask(connection, lost.call_id, lost.caller) for _ in range(2))
            assert first.dialable
            assert decision(first.answer) == decision(again.answer)


@pytest.fixture
def listener(decide_host: ContactCentre) -> Iterator[socket.socket]:
    """The socket as a supervisor holds it: callers queue in it while no server runs."""
    with socket.create_server(("127.0.0.1", decide_host.port), backlog=1024) as held:
        yield held


def test_the_whole_server_is_restarted_on_a_socket_that_the_supervisor_holds(
    decide_host: ContactCentre, listener: socket.socket
) -> None:
    server = decide_host.start_decide(listener=listener)
    wait_until(decide_host.is_up)
    with Callers(decide_host.port, keep_alive=False) as callers:
        for _ in range(2):
            callers.go_on()
            server.stop()
            server = decide_host.start_decide(listener=listener)
        callers.go_on()
    told("decide server restarted twice, socket held", callers, none_hangs_s=HANGS_S)


def test_reloaded_on_a_socket_that_the_supervisor_holds(decide_host: ContactCentre, listener: socket.socket) -> None:
    server = decide_host.start_decide(workers=2, listener=listener)
    wait_until(decide_host.is_up)
    with Callers(decide_host.port, threads=12, keep_alive=False) as callers:
        for _ in range(2):
            callers.go_on(calls=40)
            server.reload()
        callers.go_on(1.0)
    told("decide server reloaded twice (SIGHUP), socket held", callers, none_hangs_s=HANGS_S)
