"""How long it takes from publishing, or from switching a queue, until every decide process answers by it."""

import json
import logging
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

from django.utils import timezone

from bench import asking, client
from bench.control_plane import CUSTOMERS, courier_at_work
from bench.figures import Figure
from bench.over_http import OURS
from bench.servers import Kind, serving
from queues import switches
from queues.models import Queue
from routing import publishing
from routing.models import Release

CHANGES = 120
PROCESSES = 2
ASK_EVERY_S = 0.01
SEEN_WITHIN_S = 30.0

Answer = dict[str, Any]
Seen = Callable[[Answer], bool]


def measure(url: str, folder: Path) -> Figure:
    """Seconds, the 99th percentile: releases and switches by turns, each waited for at every one of two processes."""
    with ExitStack() as stack:
        live = {"LIVE_DIR": str(stack.enter_context(courier_at_work(url, folder)))}
        kinds = [Kind(f"decide-{number}", OURS, CUSTOMERS, live) for number in range(PROCESSES)]
        servers = [stack.enter_context(serving(kind, folder)) for kind in kinds]
        processes = [stack.enter_context(_conversation(server.port)) for server in servers]
        for ask in processes:
            ask()  # a process that has only begun to listen may still be starting
        logging.getLogger("queues.switches").setLevel(logging.WARNING)
        took = sorted(
            _change_and_wait(change, processes) for change, _ in zip(_changes(), range(CHANGES), strict=False)
        )
    half, most = took[len(took) // 2], took[int(0.99 * (len(took) - 1))]
    print(f"{CHANGES} changes: p50 {half:.2f} s  p99 {most:.2f} s  slowest {took[-1]:.2f} s")
    return Figure("change_seconds_p99", [most], goal=2.0, at_most=True)


def _changes() -> Iterator[Callable[[], Seen]]:
    while True:
        yield _publish
        yield _close
        yield _publish
        yield _reopen


def _publish() -> Seen:
    """The release before the live one, under a new number: the same transaction as publishing a draft."""
    before = Release.objects.order_by("-number")[1]
    number = publishing.roll_back(before, "", None).number
    return lambda answer: bool(answer["release"] >= number)


def _close() -> Seen:
    switches.close_queue(Queue.objects.get(slug="standard"), "Measured.", None, None)
    return lambda answer: answer["reason"] == "switched"


def _reopen() -> Seen:
    queue = Queue.objects.get(slug="standard")
    for switch in switches.in_force(timezone.now()):
        switches.end(switch, None)
    return lambda answer: answer["reason"] != "switched" and answer["queue"] == queue.slug


def _change_and_wait(change: Callable[[], Seen], processes: Sequence[Callable[[], Answer]]) -> float:
    began = perf_counter()
    seen = change()
    for ask in processes:
        while not seen(ask()):
            if perf_counter() - began > SEEN_WITHIN_S:
                raise client.WrongAnswer("a change has not arrived")
            time.sleep(ASK_EVERY_S)
    return perf_counter() - began


@contextmanager
def _conversation(port: int) -> Iterator[Callable[[], Answer]]:
    """Asks one process about a stranger again and again, on one connection; each time a new call."""
    calls = count()

    def ask() -> Answer:
        connection.sendall(asking.stranger(port, f"change-{port}-{next(calls)}"))
        response = client.read_answer(connection)
        client.check(response, asking.NATIVE.proof)
        answer: Answer = json.loads(response.partition(b"\r\n\r\n")[2])
        return answer

    with socket.create_connection(("127.0.0.1", port), timeout=client.NO_ANSWER_S) as connection:
        yield ask
