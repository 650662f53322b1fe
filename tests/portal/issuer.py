"""A company's login that speaks OpenID Connect: enough of it to log one person in."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT_ID, CLIENT_SECRET = "portal", "client-secret-of-the-tests-0123456789"


@dataclass
class Issuer:
    """Whoever comes is `person`: the claims that the portal is told."""

    person: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    challenge: str = ""
    refused: list[str] = field(default_factory=list)

    def configuration(self) -> dict[str, str]:
        ends = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "person",
            "jwks_uri": "keys",
        }
        return {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in ends.items()}}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        self.challenge = asked["code_challenge"]
        return f"{asked['redirect_uri']}?{urlencode({'code': 'one-time', 'state': asked['state']})}"

    def tokens(self, asked: dict[str, str]) -> dict[str, Any] | None:
        proof = urlsafe_b64encode(sha256(asked["code_verifier"].encode()).digest()).decode().rstrip("=")
        if (asked["code"], asked["client_secret"], proof) != ("one-time", CLIENT_SECRET, self.challenge):
            self.refused.append("token")
            return None
        claims = {**self.person, "iss": self.url, "aud": CLIENT_ID, "iat": time.time(), "exp": time.time() + 60}
        token = jwt.encode(claims, CLIENT_SECRET, algorithm="HS256")
        return {"access_token": "token-of-the-person", "token_type": "Bearer", "id_token": token}


@contextmanager
def running(issuer: Issuer) -> Iterator[Issuer]:
    """The issuer, at an address of its own on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = urlsplit(self.path).path, urlsplit(self.path).query
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorize(_flat(asked)))
                self.end_headers()
            elif path == "/person":
                self._say(issuer.person)
            else:
                self._say(issuer.configuration())

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens = issuer.tokens(_flat(asked))
            self._say(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def _say(self, document: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield issuer
        server.shutdown()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
