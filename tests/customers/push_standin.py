"""A CRM that tells of its customers as they change: it signs events, and answers for one customer."""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from customers.models import CrmConnection, CrmPush
from tests.customers.crm_standin import connect

SECRET = "whsec_" + b64encode(b"the secret of the CRM...").decode()
BEFORE = "whsec_" + b64encode(b"the secret it had before").decode()
OTHER = "whsec_" + b64encode(b"somebody else's secret..").decode()

Headers = dict[str, str]


@dataclass
class TellingCrm:
    """`records` by id; `asked` are the ids that were asked for, in order; `status` is answered instead of 200."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 200
    url: str = ""

    def put(self, record_id: str, tier: str, phone: str, **fields: Any) -> None:
        """A customer, or what has become of him."""
        self.records[record_id] = {
            "id": record_id,
            "name": f"Customer {record_id}",
            "loyalty": {"status": tier},
            "phones": [{"number": phone}],
        } | fields

    def connect(self, **settings: Any) -> CrmPush:
        """A connection to this CRM that may push."""
        connection = connect(f"{self.url}/api/customers", **settings)
        CrmConnection.objects.filter(pk=connection.pk).update(options={"one_url": f"{self.url}/api/customers/{{id}}"})
        return CrmPush.objects.create(connection=connection, secret=SECRET, secret_before=BEFORE)


@contextmanager
def telling_crm() -> Iterator[TellingCrm]:
    """A running stand-in."""
    crm = TellingCrm()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            record_id = self.path.rpartition("/")[2]
            crm.asked.append(record_id)
            record = crm.records.get(record_id)
            status = crm.status if crm.status != 200 else 200 if record else 404
            body = json.dumps(record if status == 200 else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    crm.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield crm
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(customer: str, kind: str = "contact.updated", at: datetime | None = None, **data: Any) -> bytes:
    """An event as Standard Webhooks recommends it."""
    moment = (at or timezone.now()).isoformat()
    return json.dumps({"type": kind, "timestamp": moment, "data": {"id": customer, **data}}).encode()


def standard(body: bytes, secret: str = SECRET, at: datetime | None = None, event: str = "msg_1") -> Headers:
    """Signed by the package, so that ours is held against it."""
    moment = at or timezone.now()
    signature = Webhook(secret).sign(event, moment, body.decode("utf-8", "surrogateescape"))
    stamp = str(int(moment.timestamp()))
    return {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": signature}


def timed(body: bytes, secret: str = SECRET, at: datetime | None = None) -> Headers:
    """`t=,v1=` as Stripe describes it."""
    stamp = str(int((at or timezone.now()).timestamp()))
    proof = hmac.new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    return {"x-signature": f"t={stamp},v1={proof}"}


def hubspot(body: bytes, url: str, secret: str = SECRET, at: datetime | None = None) -> Headers:
    """HubSpot's version 3, as its manual describes it."""
    stamp = str(int((at or timezone.now()).timestamp() * 1000))
    proof = hmac.new(secret.encode(), b"POST" + url.encode() + body + stamp.encode(), sha256).digest()
    return {"X-HubSpot-Signature-v3": b64encode(proof).decode(), "X-HubSpot-Request-Timestamp": stamp}


def address(push: CrmPush) -> str:
    return f"/api/v1/crm/{push.uuid}/events"


def tell(push: CrmPush, body: bytes, headers: Headers | None = None, **more: Any) -> HttpResponse:
    """Post an event as the CRM does, without CSRF's exception for tests."""
    client = Client(enforce_csrf_checks=True)
    given = standard(body) if headers is None else headers
    return client.post(address(push), body, **{"content_type": "application/json", "headers": given, **more})  # type: ignore[return-value]
