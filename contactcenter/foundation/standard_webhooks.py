"""Signatures by Standard Webhooks (standardwebhooks.com, specification 1.0.0): an id, a time, and `v1,` proofs.

By hand: the package `standardwebhooks` asks the system's clock, stumbles over malformed headers and signs text only.
Tests hold this against it.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

TOLERANCE_S = 300
MOST_PROOFS = 10
"""In one header: a sender that changes its secret signs with both."""

_PREFIX = "whsec_"


def is_signed(body: bytes, identifier: str, timestamp: str, proofs: str, secrets: Sequence[str]) -> bool:
    """Whether one of `secrets` signed this. How old it may be is the caller's to say."""
    signed = f"{identifier}.{timestamp}.".encode("utf-8", "replace") + body
    live = [_proof(key, signed) for secret in secrets if (key := _key(secret))]
    given = [proof.encode("utf-8", "replace") for proof in proofs.split(" ")[:MOST_PROOFS]]
    return any(hmac.compare_digest(one, proof) for one in live for proof in given)


def is_secret(text: str) -> bool:
    """Whether `text` is a secret as the specification writes them: whsec_ and base64."""
    try:
        return text.startswith(_PREFIX) and bool(b64decode(text.removeprefix(_PREFIX), validate=True))
    except ValueError:
        return False


def sign(body: bytes, identifier: str, timestamp: str, secret: str) -> dict[str, str]:
    """The three headers that prove `body`. Raises ValueError for what is no `whsec_` secret."""
    key = _key(secret)
    if not is_secret(secret):
        raise ValueError("the secret is not whsec_ and base64")
    proof = _proof(key, f"{identifier}.{timestamp}.".encode() + body)
    return {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": proof.decode()}


def _key(secret: str) -> bytes:
    """The bytes behind `whsec_` and base64; none for what is no such secret."""
    try:
        return b64decode(secret.removeprefix(_PREFIX) + "==")
    except ValueError:
        return b""


def _proof(key: bytes, signed: bytes) -> bytes:
    return b"v1," + b64encode(hmac.digest(key, signed, "sha256"))
