"""Signatures by Standard Webhooks (standardwebhooks.com, specification 1.0.0): an id, a time, and `v1,` proofs.

By hand: the package `standardwebhooks` asks the system's clock, stumbles over malformed headers and signs text only.
Tests hold this against it.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

from routing.providers.base import RawRequest, SignatureError, is_recent

TOLERANCE_S = 300
MOST_PROOFS = 10
"""In one header: a sender that changes its secret signs with both."""

_PREFIX = "whsec_"


def verify(request: RawRequest, secrets: Sequence[str], now: float) -> None:
    """Raise SignatureError unless one of `secrets` signed this body within five minutes of `now`."""
    identifier, timestamp = request.header("webhook-id"), request.header("webhook-timestamp")
    if not identifier or not is_recent(timestamp, now, TOLERANCE_S):
        raise SignatureError("the signature is missing, too old or from the future")
    signed = f"{identifier}.{timestamp}.".encode("utf-8", "replace") + request.body
    live = [_proof(key, signed) for secret in secrets if (key := _key(secret))]
    given = [proof.encode("utf-8", "replace") for proof in request.header("webhook-signature").split(" ")[:MOST_PROOFS]]
    if not any(hmac.compare_digest(one, proof) for one in live for proof in given):
        raise SignatureError("no live secret signed this request")


def _key(secret: str) -> bytes:
    """The bytes behind `whsec_` and base64; none for what is no such secret."""
    try:
        return b64decode(secret.removeprefix(_PREFIX) + "==")
    except ValueError:
        return b""


def _proof(key: bytes, signed: bytes) -> bytes:
    return b"v1," + b64encode(hmac.digest(key, signed, "sha256"))
