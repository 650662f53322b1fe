"""The number APIs of four providers as documented, in one HTTP server: strict about auth, methods, bodies and pages."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, SECRET = "AC0123456789abcdef", "the-secret-of-the-api"
BASIC = "Basic " + b64encode(f"{USER}:{SECRET}".encode()).decode()
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

Answer = tuple[int, Any]
Row = dict[str, Any]


@dataclass
class Fault:
    """What is answered instead of the next request, after so many seconds."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0
    body: bytes = b"{}"


@dataclass
class Provider:
    """What lies there: numbers without plus to the application (or address) they lead to, and applications."""

    url: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    apps: dict[str, Row] = field(default_factory=dict)
    extras: dict[str, Row] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    largest_page: int = 2
    lock: Any = field(default_factory=Lock)

    def make(self, row: Row) -> str:
        handle = f"app{len(self.apps) + 1}"
        self.apps[handle] = row
        return handle

    def page(self, every: list[Any], start: int) -> list[Any]:
        return every[start : start + self.largest_page]


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    document: Any


def twilio(there: Provider, asked: Asked) -> Answer:
    root = f"/2010-04-01/Accounts/{USER}/IncomingPhoneNumbers"
    every = sorted(there.numbers)
    if asked.path == f"{root}.json" and asked.method == "GET":
        if int(asked.query["PageSize"]) > 1000:
            return 400, {"code": 20001}
        start = int(asked.query.get("Page", "0")) * there.largest_page
        found = there.page(every, start)
        more = start + len(found) < len(every)
        following = f"{root}.json?PageSize=2&Page={start // there.largest_page + 1}&PageToken=PA{start}"
        shown = [_twilio_row(there, each) for each in found]
        return 200, {"incoming_phone_numbers": shown, "next_page_uri": following if more else None, "page_size": 2}
    number = asked.path.removeprefix(f"{root}/PN").removesuffix(".json")
    if asked.method != "POST" or number not in there.numbers:
        return 404, {"code": 20404}
    if not asked.form.get("VoiceUrl", "").startswith("https://") or asked.form["VoiceMethod"] not in ("GET", "POST"):
        return 400, {"code": 21502}
    there.numbers[number] = asked.form["VoiceUrl"]
    there.extras[number] = asked.form
    return 200, _twilio_row(there, number)


def _twilio_row(there: Provider, number: str) -> Row:
    row = {
        "sid": f"PN{number}",
        "phone_number": f"+{number}",
        "friendly_name": f"Line {number[-2:]}",
        "voice_url": there.numbers[number],
        "voice_application_sid": None,
        "trunk_sid": None,
        "capabilities": {"voice": True, "sms": False},
    }
    return row | {name: value for name, value in there.extras.get(number, {}).items() if name in row}


def telnyx(there: Provider, asked: Asked) -> Answer:
    collection, _slash, handle = asked.path.removeprefix("/v2/").partition("/")
    if asked.method == "GET" and not handle:
        size, page = int(asked.query["page[size]"]), int(asked.query["page[number]"])
        if not 1 <= size <= 250 or page < 1:
            return 422, {"errors": [{"code": "10015"}]}
        every = _telnyx_rows(there, collection)
        pages = max(1, -(-len(every) // there.largest_page))
        found = there.page(every, (page - 1) * there.largest_page)
        return 200, {"data": found, "meta": {"page_number": page, "page_size": size, "total_pages": pages}}
    if (asked.method, collection) == ("POST", "texml_applications") and not handle:
        if not {"friendly_name", "voice_url"} <= asked.document.keys():
            return 422, {"errors": [{"code": "10004"}]}
        made = there.make(asked.document)
        return 201, {"data": {"id": made, **asked.document}}
    if asked.method == "PATCH" and collection == "texml_applications" and handle in there.apps:
        there.apps[handle] |= asked.document
        return 200, {"data": {"id": handle, **there.apps[handle]}}
    number = handle.removeprefix("id-")
    if asked.method == "PATCH" and collection == "phone_numbers" and asked.document.get("connection_id") in there.apps:
        there.numbers[number] = asked.document["connection_id"]
        return 200, {"data": {}}
    return 404, {"errors": [{"code": "10005"}]}


def _telnyx_rows(there: Provider, collection: str) -> list[Row]:
    if collection == "texml_applications":
        return [{"id": handle, **row} for handle, row in there.apps.items()]
    return [
        {
            "id": f"id-{number}",
            "phone_number": f"+{number}",
            "connection_id": app or None,
            "connection_name": "SIP trunk" if app and app not in there.apps else "",
            "customer_reference": f"Line {number[-2:]}",
        }
        for number, app in sorted(there.numbers.items())
    ]


def vonage(there: Provider, asked: Asked) -> Answer:
    if asked.path == "/account/numbers" and asked.method == "GET":
        if int(asked.query["size"]) > 100:
            return 420, {"error-code": "420"}
        every = [_vonage_row(there, number, app) for number, app in sorted(there.numbers.items())]
        found = there.page(every, (int(asked.query["index"]) - 1) * there.largest_page)
        return 200, {"count": len(every), "numbers": found} if found else {}
    if asked.path == "/number/update" and asked.method == "POST":
        if asked.form["msisdn"] not in there.numbers or asked.form["app_id"] not in there.apps:
            return 200, {"error-code": "420", "error-code-label": "method failed"}
        there.numbers[asked.form["msisdn"]] = asked.form["app_id"]
        there.extras[asked.form["msisdn"]] = asked.form
        return 200, {"error-code": "200", "error-code-label": "success"}
    if asked.path == "/v2/applications" and asked.method == "GET":
        page, every = int(asked.query["page"]), [{"id": handle, **row} for handle, row in there.apps.items()]
        pages = max(1, -(-len(every) // there.largest_page))
        found = there.page(every, (page - 1) * there.largest_page)
        return 200, {"page": page, "total_pages": pages, "_embedded": {"applications": found}}
    if asked.path == "/v2/applications" and asked.method == "POST":
        return (201, {"id": there.make(asked.document)}) if asked.document.get("name") else (422, {})
    handle = asked.path.removeprefix("/v2/applications/")
    if handle in there.apps and asked.method in ("GET", "PUT"):
        there.apps[handle] = asked.document if asked.method == "PUT" else there.apps[handle]
        return 200, {"id": handle, **there.apps[handle]}
    return 404, {}


def _vonage_row(there: Provider, number: str, app: str) -> Row:
    row = {"country": "IT", "msisdn": number, "type": "landline", "features": ["VOICE"]}
    return row | ({"app_id": app} if app else {}) | there.extras.get(number, {})


def plivo(there: Provider, asked: Asked) -> Answer:
    root = f"/v1/Account/{USER}"
    if not asked.path.startswith(f"{root}/") or not asked.path.endswith("/"):
        return 404, {"error": "not found"}
    collection, _slash, handle = asked.path.removeprefix(f"{root}/").strip("/").partition("/")
    if asked.method == "GET" and not handle:
        if int(asked.query["limit"]) > 20:
            return 400, {"error": "limit"}
        every, start = _plivo_rows(there, collection, root), int(asked.query["offset"]) * there.largest_page // 20
        found = there.page(every, start)
        following = f"{root}/{collection}/?limit=20" if start + len(found) < len(every) else None
        return 200, {"meta": {"limit": 20, "next": following, "total_count": len(every)}, "objects": found}
    if (asked.method, collection, handle) == ("POST", "Application", ""):
        return 201, {"message": "created", "app_id": there.make(asked.document)}
    if asked.method == "POST" and collection == "Application" and handle in there.apps:
        there.apps[handle] |= asked.document
        return 202, {"message": "changed"}
    if asked.method == "POST" and handle in there.numbers and asked.document.get("app_id") in there.apps:
        there.numbers[handle] = asked.document["app_id"]
        return 202, {"message": "changed"}
    return 404, {"error": "not found"}


def _plivo_rows(there: Provider, collection: str, root: str) -> list[Row]:
    if collection == "Application":
        return [{"app_id": handle, **row} for handle, row in there.apps.items()]
    return [
        {
            "number": number,
            "alias": None,
            "voice_enabled": True,
            "application": f"{root}/Application/{app}/" if app else None,
        }
        for number, app in sorted(there.numbers.items())
    ]


PROVIDERS = {"twilio": twilio, "telnyx": telnyx, "vonage": vonage, "plivo": plivo}
BEARER = {"telnyx": f"Bearer {SECRET}"}
FORMS = ("/number/update", "/2010-04-01/")


class _Handler(BaseHTTPRequestHandler):
    there: Provider
    dialect: str

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        with self.there.lock:
            self.there.journal.append(f"{self.command} {url.path}")
            fault = self.there.faults.pop(0) if self.there.faults else None
        if fault:
            sleep(fault.after_s)
            self._send(fault.status, fault.body, fault.headers)
        elif self.headers.get("Authorization") != BEARER.get(self.dialect, BASIC):
            self._send(401, b'{"message": "Authenticate"}')
        else:
            with self.there.lock:
                status, document = self._answer(url.path, _flat(url.query), body)
            self._send(status, json.dumps(document).encode())

    do_GET = do_POST = do_PUT = do_PATCH = _any  # noqa: N815 - the names that http.server calls

    def _answer(self, path: str, query: dict[str, str], body: bytes) -> Answer:
        is_form = path.startswith(FORMS)
        if body and self.headers.get("Content-Type") != (FORM if is_form else JSON):
            return 415, {}
        form = _flat(body.decode()) if is_form else {}
        document = json.loads(body) if body and not is_form else {}
        return PROVIDERS[self.dialect](self.there, Asked(self.command, path, query, form, document))

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Content-Type": JSON, **(headers or {})}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):  # who asked may be tired of waiting
            self.end_headers()
            self.wfile.write(body)


def _flat(encoded: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


@contextmanager
def serving(dialect: str) -> Iterator[Provider]:
    """One provider on a free port of this machine."""
    there = Provider()
    handler = type("Handler", (_Handler,), {"there": there, "dialect": dialect})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    there.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
