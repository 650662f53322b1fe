"""A token server (RFC 6749): client credentials, refresh tokens that are good for one use, signed assertions."""

from dataclasses import dataclass, field
from typing import Any

import jwt

PATH = "/oauth2/token"
CLIENT, SECRET = "our-client", "the-client-secret"


@dataclass
class Tokens:
    """`refresh_token` is the one that is good now; `expires_in` goes into each answer; `key` proves assertions."""

    refresh_token: str = "refresh-0"
    expires_in: int | None = 3600
    key: str = ""
    granted: list[str] = field(default_factory=list)
    reused: int = 0


def answer(crm: Any, asked: Any) -> tuple[Any, ...]:
    """One grant, or why not."""
    tokens: Tokens = crm.tokens
    form = asked.body
    grants = {"client_credentials": _client, "refresh_token": _refresh}
    grant = grants.get(form.get("grant_type"), _assertion)
    if not grant(tokens, form, crm):
        return {"error": "invalid_grant"}, 400
    token = f"access-{len(tokens.granted) + 1}"
    tokens.granted.append(token)
    crm.accepted = {token}  # one at a time: an earlier one is no longer good
    said: dict[str, Any] = {"access_token": token, "token_type": "Bearer"}
    if tokens.expires_in is not None:
        said["expires_in"] = tokens.expires_in
    if grant is _refresh:
        tokens.refresh_token = f"refresh-{len(tokens.granted)}"
        said["refresh_token"] = tokens.refresh_token
    return (said,)


def _client(tokens: Tokens, form: dict[str, str], crm: Any) -> bool:
    return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


def _refresh(tokens: Tokens, form: dict[str, str], crm: Any) -> bool:
    is_good = form.get("refresh_token") == tokens.refresh_token
    tokens.reused += not is_good
    return is_good


def _assertion(tokens: Tokens, form: dict[str, str], crm: Any) -> bool:
    if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return False
    try:
        claims = jwt.decode(form["assertion"], tokens.key, algorithms=["RS256"], audience=crm.url)
    except jwt.PyJWTError:
        return False
    return bool((claims["iss"], claims["sub"]) == (CLIENT, "robot@example.com"))
