"""What one decision costs inside the process, among few customers and among many."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import client, contact_centre
from bench.figures import Figure
from bench.live_folders import live_folder
from contactcenter.foundation.clock import SystemClock
from routing.api.intake import read_question
from routing.contacts import Contact
from routing.decide import Plane, decide
from routing.live import Live
from routing.spool import Spool

FEW = 10_000
DECISIONS = 3_000


def measure(folder: Path, customers: int, rounds: int) -> Figure:
    """Median time of a decision among `customers`, in times of that among 10,000."""
    few, many = (_plane(live_folder(folder, each)) for each in (FEW, customers))
    ratios = []
    for number in range(-1, rounds):
        costs = [_cost(plane, size, number) for plane, size in ((few, FEW), (many, customers))]
        if number >= 0:  # the round before the first warms up
            ratios.append(costs[1] / costs[0])
    print(f"one decision among {customers:,}: {costs[1] * 1e6:.0f} us, among {FEW:,}: {costs[0] * 1e6:.0f} us")
    return Figure("decide_cost_by_customers", ratios, goal=1.3, at_most=True)


def _plane(folder: Path) -> Plane:
    live = Live(folder)
    live.refresh()
    return Plane(live, Spool(folder), SystemClock(), b"bench", "", "bench")


def _cost(plane: Plane, customers: int, number: int) -> float:
    took = []
    for contact in islice(_contacts(customers, f"in-process-{number}"), DECISIONS):
        began = perf_counter()
        answer = decide(contact, plane)
        took.append(perf_counter() - began)
        if not answer.get("queue") or answer["degraded"]:
            raise client.WrongAnswer(answer["reason"])
    return median(took)


def _contacts(customers: int, run: str) -> Iterator[Contact]:
    for request in client.questions(0, "", customers, run):
        body = request.partition(b"\r\n\r\n")[2]
        yield read_question(body, contact_centre.ACCOUNT)[0]
