"""The demo CRM with faults and a journal: what it was asked, and what it is told to answer instead."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

from customers import sync
from customers.models import CrmConnection, FieldMapping, LoyaltyTier, SyncRun, TierMapping
from demo.crm_server import Crm, CrmHandler, CrmServer

TOKEN = "the-crm-token-that-nobody-may-see"

MAPPING = {
    "name": "name",
    "tier": "loyalty.status",
    "purchases": "order_count",
    "order_volume": "order_volume",
    "lifetime_value": "lifetime_value",
    "plan": "plan",
    "account_level": "account_level",
    "category": "category",
    "account_manager": "account_manager",
    "language": "language",
    "handle:phone": "phones[*].number",
}


@dataclass(frozen=True)
class Fault:
    """An answer instead of the page."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Standin:
    """`faults` holds what to answer to the next requests, None for the page; `url` is the list of customers."""

    crm: Crm
    url: str = ""
    journal: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault | None] = field(default_factory=list)
    delay_s: float = 0.0
    before_answer: Callable[[], None] = lambda: None

    def cursors(self) -> list[str]:
        """The cursor of each page asked for, in order."""
        return [asked.get("cursor", "") for asked in self.journal]


@contextmanager
def standin(customers: int = 60, seed: int = 7) -> Iterator[Standin]:
    """A running stand-in."""
    crm = Crm(customers, seed)
    state = Standin(crm)

    class Handler(CrmHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            url = urlsplit(self.path)
            state.journal.append({name: values[-1] for name, values in parse_qs(url.query).items()})
            state.before_answer()
            sleep(state.delay_s)
            fault = state.faults.pop(0) if state.faults else None
            if fault is None:
                super().do_GET()
                return
            self.send_response(fault.status)
            for name, value in fault.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(fault.body)))
            self.end_headers()
            self.wfile.write(fault.body)

    server = CrmServer(crm, TOKEN).build(Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/api/customers"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(records: list[Any], next_cursor: str | None = None) -> Fault:
    """A page made by hand."""
    return Fault(body=json.dumps({"records": records, "next_cursor": next_cursor}).encode())


def tiers() -> dict[str, LoyaltyTier]:
    """The four tiers of the demo; in bulk, without a history of each."""
    names = ("Bronze", "Silver", "Gold", "Platinum")
    made = LoyaltyTier.objects.bulk_create(
        LoyaltyTier(name=name, slug=name.lower(), rank=rank) for rank, name in enumerate(names, start=1)
    )
    return {tier.slug: tier for tier in made}


def connect(url: str, **settings: Any) -> CrmConnection:
    """A connection to the CRM at `url`, with every field mapped and the tiers by their names."""
    options = {"name": "Company CRM", "slug": "crm", "token": TOKEN, "page_size": 20} | settings
    [connection] = CrmConnection.objects.bulk_create([CrmConnection(url=url, **options)])
    FieldMapping.objects.bulk_create(
        FieldMapping(connection=connection, target=target, expression=expression)
        for target, expression in MAPPING.items()
    )
    TierMapping.objects.bulk_create(
        TierMapping(connection=connection, value=slug, tier=tier) for slug, tier in tiers().items()
    )
    return connection


def run_to_end(connection: CrmConnection, seconds: float = 20.0) -> SyncRun:
    """Start a run and work it to its end, or until it is put off."""
    return work(sync.start(connection, SyncRun.Trigger.MANUAL), seconds)


def work(run: SyncRun, seconds: float = 20.0) -> SyncRun:
    """Work the run to its end, or until it is put off."""
    sync.step(run.pk, monotonic() + seconds)
    run.refresh_from_db()
    return run


def counters(run: SyncRun) -> tuple[int, int, int, int, int]:
    """Read, created, changed, unchanged, rejected."""
    return run.read, run.created, run.changed, run.unchanged, run.rejected
