"""The least that gunicorn can serve: a function that reads the body and answers a constant."""

from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"queue":"standard"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """No framework at all."""
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("200 OK", HEADERS)
    return [BODY]
