"""Help desks as far as we see them, as real HTTP servers: Chatwoot's and Zendesk's documented APIs, and a webhook."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "the-token-of-the-help-desk"
AGENT = "agent@example.com"
VIP_TEAM, PRIORITY_TEAM = 5, 6
TEAMS = {VIP_TEAM: "vip", PRIORITY_TEAM: "priority"}
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret of at least 24 bytes").decode()

Answer = tuple[int, Any]
Row = dict[str, Any]


@dataclass
class Desk:
    """What the help desk holds. `faults` are answered instead of the next requests; `journal` is what was asked."""

    url: str = ""
    conversations: dict[int, Row] = field(default_factory=dict)
    contacts: dict[int, Row] = field(default_factory=dict)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    webhooks: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def add(self, number: int, phone: str = "", channel: str = "Channel::Whatsapp", **fields: Any) -> Row:
        """A conversation with a customer, such as `add(42, "+39…", team_id=6)`."""
        found = {"id": number, "status": "open", "phone": phone, "channel": channel, "priority": None, **fields}
        self.conversations[number] = {"team_id": None, "assignee_id": None} | found
        if phone and all(each["phone_number"] != phone for each in self.contacts.values()):
            self.contacts[len(self.contacts) + 100] = {"phone_number": phone}
        return self.conversations[number]

    def asked(self, beginning: str) -> list[str]:
        return [each for each in self.journal if each.startswith(beginning)]


class _Handler(BaseHTTPRequestHandler):
    """Answers as the documentation says, and refuses what it does not allow."""

    desk: Desk

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        with self.desk.lock:
            self.desk.journal.append(f"{self.command} {self.path}")
            if self.desk.faults:
                status, headers = self.desk.faults.pop(0)
                self._send(status, {"error": "as the test wants"}, headers)
                return
            self._send(*self._answer(url.path, {k: v[0] for k, v in parse_qs(url.query).items()}, body))

    do_GET = do_POST = do_PUT = _any  # noqa: N815 - the names that http.server calls

    def _answer(self, path: str, query: dict[str, str], body: bytes) -> Answer:
        if self.command != "GET" and self.headers.get("Content-Type") != "application/json":
            return 415, {}
        parts = path.strip("/").split("/")
        if parts[:3] == ["api", "v1", "accounts"]:
            if self.headers.get("api_access_token") != TOKEN:
                return 401, {"errors": ["You need to sign in"]}
            return _chatwoot(self.desk, self.command, parts[4:], query, body) if parts[3] == "1" else (404, {})
        if parts[:2] == ["api", "v2"]:
            login = base64.b64encode(f"{AGENT}/token:{TOKEN}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {login}":
                return 401, {"error": "Couldn't authenticate you"}
            return _zendesk(self.desk, self.command, parts[2:], query, body)
        self.desk.webhooks.append(({name.lower(): value for name, value in self.headers.items()}, body))
        return 200, None

    def _send(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _chatwoot(desk: Desk, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Answer:
    """developers.chatwoot.com, application API."""
    match method, parts:
        case "GET", ["teams"]:
            return 200, [{"id": number, "name": name} for number, name in TEAMS.items()]
        case "GET", ["contacts", "search"]:
            found = [{"id": n, **row} for n, row in desk.contacts.items() if query["q"] in row["phone_number"]]
            return 200, {"meta": {"count": len(found)}, "payload": found}
        case "GET", ["contacts", contact, "conversations"]:
            phone = desk.contacts[int(contact)]["phone_number"]
            return 200, {"payload": [_shown(each) for each in desk.conversations.values() if each["phone"] == phone]}
        case "GET", ["conversations", number] if int(number) in desk.conversations:
            return 200, _shown(desk.conversations[int(number)])
        case "POST", ["conversations", number, "assignments"] if int(number) in desk.conversations:
            team = json.loads(body)["team_id"]
            assert isinstance(team, int)
            desk.conversations[int(number)]["team_id"] = team
            return 200, {"id": team, "name": TEAMS[team]}
        case "POST", ["conversations", number, "toggle_priority"] if int(number) in desk.conversations:
            priority = json.loads(body)["priority"]
            assert priority in ("urgent", "high", "medium", "low", None)
            desk.conversations[int(number)]["priority"] = priority
            return 200, None
    return 404, {"error": "Resource could not be found"}


def _shown(row: Row) -> Row:
    team = {"id": row["team_id"], "name": TEAMS[row["team_id"]]} if row["team_id"] else None
    person = {"identifier": None, "phone_number": row["phone"] or None, "email": None} | row.get("person", {})
    meta = {"channel": row["channel"], "sender": person, "team": team}
    assignee = {"assignee": {"id": row["assignee_id"]}} if row["assignee_id"] else {}
    return {"id": row["id"], "status": row["status"], "priority": row["priority"], "meta": meta | assignee}


def _zendesk(desk: Desk, method: str, parts: list[str], query: dict[str, str], body: bytes) -> Answer:
    """developer.zendesk.com, ticketing."""
    match method, parts:
        case "GET", ["groups.json"]:
            return 200, {"groups": [{"id": number, "name": name.upper()} for number, name in TEAMS.items()]}
        case "GET", ["users", "search.json"]:
            found = [{"id": n} for n, row in desk.contacts.items() if query["query"] == f"phone:{row['phone_number']}"]
            return 200, {"users": found}
        case "GET", ["users", person, "tickets", "requested.json"]:
            phone = desk.contacts[int(person)]["phone_number"]
            return 200, {"tickets": [_ticket(each) for each in desk.conversations.values() if each["phone"] == phone]}
        case "GET", ["users", user] if int(user.removesuffix(".json")) in desk.conversations:
            said = desk.conversations[int(user.removesuffix(".json"))].get("person", {})
            names = {"external_id": "identifier", "phone": "phone_number", "email": "email"}
            return 200, {"user": {name: said.get(ours) for name, ours in names.items()}}
        case "GET", ["tickets", ticket] if int(ticket.removesuffix(".json")) in desk.conversations:
            return 200, {"ticket": _ticket(desk.conversations[int(ticket.removesuffix(".json"))])}
        case "PUT", ["tickets", ticket] if int(ticket.removesuffix(".json")) in desk.conversations:
            row, change = desk.conversations[int(ticket.removesuffix(".json"))], json.loads(body)["ticket"]
            if change.pop("safe_update", False) and change.pop("updated_stamp") != _stamp(row):
                return 409, {"error": "UpdateConflict"}
            row["team_id"], row["priority"] = change["group_id"], change["priority"]
            row["version"] = row.get("version", 0) + 1
            return 200, {"ticket": _ticket(row)}
    return 404, {"error": "RecordNotFound"}


def _stamp(row: Row) -> str:
    return f"2026-11-22T10:00:{row.get('version', 0):02}Z"


def _ticket(row: Row) -> Row:
    names = ("id", "status", "priority", "assignee_id")
    return {name: row[name] for name in names} | {
        "group_id": row["team_id"],
        "requester_id": row["id"],
        "updated_at": _stamp(row),
    }


@contextmanager
def running() -> Iterator[Desk]:
    """A help desk that listens."""
    desk = Desk()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"desk": desk}))
    desk.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
