"""What one decision costs inside the process, among few customers and among many."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import asking, client, contact_centre
from bench.figures import Figure
from bench.live_folders import live_folder
from contactcenter.foundation.clock import SystemClock
from routing.api.intake import read_question
from routing.contacts import Contact
from routing.decide import Plane, decide
from routing.live import Live
from routing.spool import Spool

FEW, USUAL = 10_000, 1_000_000
DECISIONS = 3_000


def measure(folder: Path, customers: int, rounds: int) -> Figure:
    """Median time of a decision among `customers`, in times of that among 10,000."""
    planes = {size: _plane(live_folder(folder, size)) for size in (FEW, customers)}
    costs = [_costs(planes, number) for number in range(rounds + 1)][1:]  # the first round warms up
    for size in planes:
        print(f"one decision among {size:>10,} customers: {median(each[size] for each in costs) * 1e6:.0f} us")
    ratios = [each[customers] / each[FEW] for each in costs]
    name = "decide_cost_by_customers" if customers == USUAL else f"decide_cost_by_customers_{customers}"
    return Figure(name, ratios, goal=1.3, at_most=True)


def _plane(folder: Path) -> Plane:
    live = Live(folder)
    live.refresh()
    return Plane(live, Spool(folder), SystemClock(), b"bench", "", "bench")


def _costs(planes: Mapping[int, Plane], number: int) -> dict[int, float]:
    """Median seconds of a decision by number of customers; the planes take turns at every decision."""
    took: dict[int, list[float]] = {size: [] for size in planes}
    contacts = {size: _contacts(size, f"in-process-{number}") for size in planes}
    for _ in range(DECISIONS):
        for size, plane in planes.items():
            contact = next(contacts[size])
            began = perf_counter()
            answer = decide(contact, plane)
            took[size].append(perf_counter() - began)
            if not answer.get("queue") or answer["degraded"]:
                raise client.WrongAnswer(answer["reason"])
    return {size: median(times) for size, times in took.items()}


def _contacts(customers: int, run: str) -> Iterator[Contact]:
    for request in asking.native(0, customers, run):
        body = request.partition(b"\r\n\r\n")[2]
        yield read_question(body, contact_centre.ACCOUNT)[0]
