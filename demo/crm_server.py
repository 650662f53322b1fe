"""A small CRM to try things with: the nightly source of customers, and one to ask while a caller waits.

python -m demo.crm_server --port 8002 --customers 1000 --token <secret>

GET   /api/customers?cursor=&limit=&updated_since=   a page: {"records": [...], "next_cursor": ..., "count": n}
GET   /api/customers/by-phone?phone=%2B39...         one customer, 404 for a stranger
PATCH /api/customers/<id>                            change a record; what is not sent stays
GET   /health                                        needs no token
"""

import argparse
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo.people import ITALY, Record, people

LARGEST_PAGE = 500
LONGEST_BODY = 65_536

Answer = tuple[int, dict[str, Any]]


class Crm:
    """The customers, in memory. A restart brings the original ones back."""

    def __init__(self, count: int, seed: int) -> None:
        self._records = {record["id"]: record for record in people(count, seed)}
        self._lock = Lock()

    def page(self, cursor: str, limit: int, updated_since: str) -> Answer:
        """The customers after `cursor` (an id), in order of id: nobody is missed when others change meanwhile."""
        since = datetime.fromisoformat(updated_since) if updated_since else None
        with self._lock:
            wanted = [r for r in self._records.values() if not since or _changed(r) >= since]
        rest = [record for record in wanted if record["id"] > cursor]
        records = rest[:limit]
        next_cursor = records[-1]["id"] if len(rest) > limit else None
        return HTTPStatus.OK, {"records": records, "next_cursor": next_cursor, "count": len(wanted)}

    def by_phone(self, phone: str) -> Answer:
        """Whoever has this number, written in full."""
        with self._lock:
            found = next((r for r in self._records.values() if phone in _numbers(r)), None)
        return (HTTPStatus.OK, found) if found else _problem(HTTPStatus.NOT_FOUND, "No customer has this number.")

    def change(self, record_id: str, changes: Record) -> Answer:
        """Replace the fields sent, one level deep in objects such as loyalty."""
        with self._lock:
            record = self._records.get(record_id)
            if record is None:
                return _problem(HTTPStatus.NOT_FOUND, "No customer has this id.")
            merged = {key: _merged(record.get(key), value) for key, value in changes.items()}
            changed_at = datetime.now(UTC).isoformat()
            self._records[record_id] = record | merged | {"id": record_id, "updated_at": changed_at}
            return HTTPStatus.OK, self._records[record_id]


def _changed(record: Record) -> datetime:
    return datetime.fromisoformat(record["updated_at"])


def _numbers(record: Record) -> set[str]:
    written = {phone["number"].replace(" ", "") for phone in record["phones"]}
    return {number if number.startswith("+") else f"{ITALY.code}{number}" for number in written}


def _merged(old: Any, new: Any) -> Any:
    return old | new if isinstance(old, dict) and isinstance(new, dict) else new


def _problem(status: int, detail: str) -> Answer:
    return status, {"detail": detail}


@dataclass
class CrmServer:
    """The CRM behind HTTP; `port` 0 takes a free one."""

    crm: Crm
    token: str
    port: int = 0
    host: str = "127.0.0.1"

    def build(self, base: type["CrmHandler"] | None = None) -> ThreadingHTTPServer:
        """The server, not yet serving; `base` may be a handler with habits of its own."""
        handler = type("Handler", (base or CrmHandler,), {"crm": self.crm, "token": self.token})
        server = ThreadingHTTPServer((self.host, self.port), handler)
        server.daemon_threads = True
        return server


class CrmHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    crm: Crm
    token: str

    def do_GET(self) -> None:
        self._answer(*self._get())

    def do_PATCH(self) -> None:
        self._answer(*self._patch())

    def _get(self) -> Answer:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if url.path == "/health":
            return HTTPStatus.OK, {"status": "ok"}
        if not self._is_known():
            return _problem(HTTPStatus.UNAUTHORIZED, "Send the bearer token.")
        if url.path == "/api/customers/by-phone":
            return self.crm.by_phone(query.get("phone", "").strip())
        if url.path == "/api/customers":
            try:
                limit = min(max(int(query.get("limit", "200")), 1), LARGEST_PAGE)
                return self.crm.page(query.get("cursor", ""), limit, query.get("updated_since", ""))
            except ValueError:
                return _problem(HTTPStatus.BAD_REQUEST, "limit is a number, updated_since a time with its zone.")
        return _problem(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _patch(self) -> Answer:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length <= LONGEST_BODY else b""
        if not self._is_known():
            return _problem(HTTPStatus.UNAUTHORIZED, "Send the bearer token.")
        try:
            changes = json.loads(body)
        except ValueError:
            changes = None
        if not isinstance(changes, dict):
            return _problem(HTTPStatus.BAD_REQUEST, "Send a JSON object.")
        return self.crm.change(urlsplit(self.path).path.removeprefix("/api/customers/"), changes)

    def _is_known(self) -> bool:
        return compare_digest(self.headers.get("Authorization", "").encode(), f"Bearer {self.token}".encode())

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses hold phone numbers."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo.crm_server", description="A small CRM to try things with.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--token", required=True)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    server = CrmServer(Crm(options.customers, options.seed), options.token, options.port).build()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
