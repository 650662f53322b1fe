"""A provider's request that is signed by Standard Webhooks."""

from collections.abc import Sequence

from contactcenter.foundation.standard_webhooks import MOST_PROOFS, TOLERANCE_S, is_signed
from routing.providers.base import RawRequest, SignatureError, is_recent

__all__ = ["MOST_PROOFS", "TOLERANCE_S", "verify"]


def verify(request: RawRequest, secrets: Sequence[str], now: float) -> None:
    """Raise SignatureError unless one of `secrets` signed this body within five minutes of `now`."""
    identifier, timestamp = request.header("webhook-id"), request.header("webhook-timestamp")
    if not identifier or not is_recent(timestamp, now, TOLERANCE_S):
        raise SignatureError("the signature is missing, too old or from the future")
    if not is_signed(request.body, identifier, timestamp, request.header("webhook-signature"), secrets):
        raise SignatureError("no live secret signed this request")
