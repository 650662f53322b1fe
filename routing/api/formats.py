"""The native answer in three shapes: JSON, key=value lines, and flat JSON of strings. Pure."""

from typing import Any

import orjson

from routing.answers import Answer

JSON, KV, FLAT = "json", "kv", "flat"
_NESTED = ("routes", "headers", "version", "routing")


def chosen(wanted: str, accept: str) -> str:
    """The shape by `?format=`, else by the Accept header; JSON when neither says otherwise."""
    if wanted in (KV, FLAT):
        return wanted
    return KV if not wanted and accept.startswith("text/plain") else JSON


def render(answer: Answer, shape: str) -> tuple[bytes, str]:
    """(body, content type). Guaranteed below 4 KB by the limits on routes and header values."""
    if shape == KV:
        return _lines(answer).encode(), "text/plain; charset=utf-8"
    return orjson.dumps(_flat(answer) if shape == FLAT else answer), "application/json"


def _lines(answer: Answer) -> str:
    """For Asterisk's and FreeSWITCH's dialplans; headers as `h.<Name>=value`."""
    plain = {key: _word(value) for key, value in answer.items() if key not in (*_NESTED, "sip_headers")}
    headers = {f"h.{name}": value for name, value in answer.get("headers", {}).items()}
    # Each value stays on its line, whatever a provider sent as a call id.
    return "".join(f"{key}={' '.join(value.splitlines())}\n" for key, value in (plain | headers).items())


def _flat(answer: Answer) -> dict[str, str]:
    """For Amazon Connect: every value a string, nothing nested."""
    plain = {key: _word(value) for key, value in answer.items() if key not in _NESTED}
    headers = {"header_" + name.lower().replace("-", "_"): value for name, value in answer.get("headers", {}).items()}
    return plain | headers


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return str(value)
