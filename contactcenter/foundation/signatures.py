"""Our own signature under what we hand out and want to get back unaltered, such as an after-transfer URL."""

import hashlib
import hmac
import json

LENGTH = 32
"""Hexadecimal digits of a signature: 128 bits."""


def sign(key: bytes, purpose: str, *parts: str) -> str:
    """The signature under `parts`. One made for one `purpose` is never good for another."""
    # As JSON, so that ("ab", "c") and ("a", "bc") are different texts.
    text = json.dumps([purpose, *parts]).encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:LENGTH]


def is_signed(signature: str, key: bytes, purpose: str, *parts: str) -> bool:
    """Whether `signature` is ours, for this purpose and these parts. Takes the same time either way."""
    expected = sign(key, purpose, *parts)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
