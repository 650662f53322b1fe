"""A line from one provider to our decide server: what is not as it should be is an argument."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from routing import spool
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer
from tests.routing.providers.peers import Fields, Heard, Peer, path_of

ACCOUNT = "44444444-4444-4444-8444-444444444444"
PUBLIC_URL = "https://calls.example.com"
VOICE = f"/api/v1/p/{ACCOUNT}/voice"


@dataclass
class Line:
    """Asks and reports as `peer` would."""

    server: DecideServer
    peer: Peer

    def question(self, caller: str = GOLD, to: str = live_folder.VOICE_NUMBER, call_id: str = "call-1") -> Fields:
        return self.peer.question(caller, to, call_id)

    def send(
        self,
        fields: Fields,
        url: str = VOICE,
        *,
        method: str = "POST",
        body: bytes | None = None,
        sent_body: bytes | None = None,
        signed_url: str = "",
        secret: str = "",
        late_s: float = 0,
        proof: dict[str, str] | None = None,
        content_type: str = "",
    ) -> HttpResponse:
        """Send `fields`, or `body` as it is. `sent_body` is sent instead of what was signed."""
        body = self.peer.encode(fields) if body is None else body
        now = self.server.plane.clock.now().timestamp() - late_s
        secret = secret or self.peer.stored
        given = self.peer.prove(method, PUBLIC_URL + (signed_url or url), body, secret, now) if proof is None else proof
        kind = content_type or self.peer.content_type
        raw = body if sent_body is None else sent_body
        return Client().generic(method, url, raw, content_type=kind, headers=given)  # type: ignore[return-value]

    def call(self, caller: str = GOLD, **changes: Any) -> Heard:
        """An incoming call, and what the provider hears."""
        return self.hear(self.send(self.question(caller, **changes)))

    def report(self, leg: Heard, outcome: str, **changes: str) -> Heard:
        """Report how `leg` ended; what the provider hears then."""
        return self.hear(self.send(self.question() | self.peer.report(outcome) | changes, self.after(leg)))

    def after(self, leg: Heard) -> str:
        return path_of(leg.next_url, PUBLIC_URL)

    def hear(self, response: HttpResponse) -> Heard:
        assert response.status_code in (200, 204), response.content
        assert (response.status_code == 204) == (not response.content)
        return self.peer.hear(response.content)

    def account(self, *secrets: str, **fields: Any) -> dict[str, Any]:
        """The access document of this provider's account."""
        return live_folder.account(ACCOUNT, self.peer.slug, *secrets, **(dict(self.peer.account) | fields))

    def spooled(self, kind: str) -> list[dict[str, Any]]:
        """What lies in the spool of this kind."""
        with spool.courier_end(self.server.folder / "spool.sqlite3") as rows:
            return [orjson.loads(row.document) for row in spool.unshipped(rows, 100) if row.kind == kind]
