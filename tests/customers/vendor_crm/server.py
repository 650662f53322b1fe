"""The server: a script of faults, a journal of what it was asked, and a dialect for each path."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.customers.vendor_crm import dataverse, hubspot, json_rpc, rest, salesforce, tokens
from tests.customers.vendor_crm.people import Person, people
from tests.customers.vendor_crm.salesforce_bulk import Job
from tests.customers.vendor_crm.tokens import Tokens

DRIP_S = 0.2


@dataclass(frozen=True)
class Fault:
    """What happens to a request. `kind`: answer, reset, truncate (half the body is sent), drip (byte by byte)."""

    kind: str = "answer"
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """One answer, before a fault has its way with it."""

    document: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class VendorCrm:
    """`faults` holds what happens to the next requests but those for tokens, None for nothing.

    `accepted` are the tokens that are good, None for all; the grants of the token server are added to it.
    `archives`: whether a model of Odoo and Tryton keeps who is gone as not active.
    """

    people: list[Person]
    url: str = ""
    journal: list[Asked] = field(default_factory=list)
    faults: list[Fault | None] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None
    accepted: set[str] | None = None
    auth_error: int = 401
    tokens: Tokens = field(default_factory=Tokens)
    jobs: dict[str, Job] = field(default_factory=dict)
    archives: bool = True
    closing: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def asked_of(self, path: str) -> list[Asked]:
        """The requests whose path begins like this."""
        return [asked for asked in self.journal if asked.path.startswith(path)]

    def answer(self, asked: Asked) -> Reply:
        """What an undisturbed CRM says."""
        for prefix, dialect in DIALECTS.items():
            if asked.path.startswith(prefix):
                return Reply(*dialect(self, asked))
        return Reply({"error": "not_found"}, 404)

    def lets_in(self, asked: Asked) -> bool:
        sent = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return self.accepted is None or sent in self.accepted or asked.path == tokens.PATH


DIALECTS: dict[str, Callable[[Any, Any], tuple[Any, ...]]] = {
    tokens.PATH: tokens.answer,
    "/rest/": rest.answer,
    "/services/data/": salesforce.answer,
    "/crm/v3/objects/": hubspot.answer,
    "/api/data/": dataverse.answer,
    "/jsonrpc": json_rpc.odoo,
    "/shop/rpc/": json_rpc.tryton,
    "/export.csv": rest.export,
}


class _Handler(BaseHTTPRequestHandler):
    crm: VendorCrm

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        asked = self._asked()
        crm = self.crm
        crm.before_answer()
        with crm.lock:
            crm.journal.append(asked)
            fault = crm.faults.pop(0) if crm.faults and asked.path != tokens.PATH else None
            reply = crm.answer(asked) if crm.lets_in(asked) else Reply([{"errorCode": "NOT_LET_IN"}], crm.auth_error)
        with suppress(ConnectionError):
            self._reply(reply, fault)

    def _asked(self) -> Asked:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_json = "json" in (self.headers.get("Content-Type") or "")
        body = json.loads(raw) if is_json and raw else {k: v[-1] for k, v in parse_qs(raw.decode()).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, url.path, query, headers, body)

    def _reply(self, reply: Reply, fault: Fault | None) -> None:
        is_bytes = isinstance(reply.document, bytes)
        body = reply.document if is_bytes else json.dumps(reply.document).encode()
        if fault and fault.kind == "reset":
            self.connection.close()
            return
        if fault and fault.kind == "answer":
            reply, body = Reply(None, fault.status, fault.headers), fault.body
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/csv" if is_bytes else "application/json")
        for name, value in reply.headers:
            self.send_header(name, value)
        whole = not (fault and fault.kind == "truncate")
        self.send_header("Content-Length", str(len(body) if whole else len(body) // 2))
        self.end_headers()
        if fault and fault.kind == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.crm.closing.wait(DRIP_S):
                    return
        self.wfile.write(body if whole else body[: len(body) // 2])

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def serve(count: int = 60, seed: int = 7, port: int = 0) -> Iterator[VendorCrm]:
    """A running stand-in."""
    crm = VendorCrm(people(count, seed))
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"crm": crm}))
    server.daemon_threads = True
    crm.url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield crm
    finally:
        crm.closing.set()
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    with serve(int(sys.argv[1]), port=int(sys.argv[2])) as running:
        print(running.url, flush=True)
        Event().wait()
