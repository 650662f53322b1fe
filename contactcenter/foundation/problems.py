"""Errors as application/problem+json (RFC 9457): a stable code, the field's name, never the value."""

import orjson
from django.http import HttpResponse


class Malformed(Exception):
    """The request is not well-formed. `code` is stable, `field` names what is wrong."""

    def __init__(self, code: str, detail: str, field: str = "", status: int = 400) -> None:
        super().__init__(detail)
        self.code, self.detail, self.field, self.status = code, detail, field, status


def problem(status: int, code: str, detail: str, field: str = "") -> HttpResponse:
    """One problem as a response."""
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    if field:
        body["field"] = field
    raw = orjson.dumps(body)
    return HttpResponse(
        raw, status=status, content_type="application/problem+json", headers={"Content-Length": str(len(raw))}
    )
