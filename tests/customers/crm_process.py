"""A CRM of any size in a process of its own: its customers are computed, not kept.

python -m tests.customers.crm_process --port 0 --customers 1000000     says on its first line where it listens

GET  /api/customers?cursor=&limit=     a page, in order of id, with a cursor; with since= of those changed
POST /changes?of=10000                 the first 10,000 customers have another order volume, and a few a better tier
GET  /journal                          how many pages were asked for
"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LARGEST_PAGE = 5000
_TIERS = ["bronze"] * 55 + ["silver"] * 25 + ["gold"] * 16 + ["platinum"] * 4


class Crm:
    """`edition` counts the changes made to the first `touched` customers."""

    def __init__(self, customers: int) -> None:
        self.customers, self.edition, self.touched, self.pages = customers, 0, 0, 0

    def page(self, cursor: str, limit: int, since: str) -> bytes:
        first, customers = int(cursor or 0), self.touched if since else self.customers
        last = min(first + limit, customers)
        records = ",".join(self._record(number) for number in range(first, last))
        next_cursor = f'"{last}"' if last < customers else "null"
        self.pages += 1
        return f'{{"records":[{records}],"next_cursor":{next_cursor},"count":{customers}}}'.encode()

    def _record(self, number: int) -> str:
        edition = self.edition if number < self.touched else 0
        tier = _TIERS[(number + (edition if number % 100 == 54 else 0)) % 100]
        return (
            f'{{"id":"C-{number:09d}","name":"Customer {number}","phones":[{{"number":"+3902{number:08d}"}}],'
            f'"loyalty":{{"status":"{tier}"}},"order_count":{number % 40},"order_volume":{number % 9973 + edition},'
            f'"lifetime_value":{number % 99991},"plan":"plus","account_level":"key","category":"retail",'
            f'"account_manager":"anna-rossi","language":"it"}}'
        )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    crm: Crm

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if url.path == "/journal":
            self._answer(json.dumps({"pages": self.crm.pages}).encode())
            return
        limit = min(int(asked.get("limit", "200")), LARGEST_PAGE)
        self._answer(self.crm.page(asked.get("cursor", ""), limit, asked.get("since", "")))

    def do_POST(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        self.crm.touched = int(asked["of"][0])
        self.crm.edition += 1
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the journal is enough."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.customers.crm_process")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--customers", type=int, required=True)
    options = parser.parse_args()
    handler = type("CrmHandler", (Handler,), {"crm": Crm(options.customers)})
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
