"""The ways a CRM signs what it sends, and where the customer stands in it. Pure; one entry of SCHEMES for each."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation import standard_webhooks

TOLERANCE_S = 300
MOST_PROOFS = 10

StrOrPromise = str | Promise


@dataclass(frozen=True)
class Delivery:
    """A request as it came: raw bytes, header names in lower case, the whole address that was called."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Told:
    """One event in its own words: `at` is whatever stands for its time, `into` set for a merge."""

    event_id: Any
    kind: str
    customer: Any
    at: Any
    into: Any = ""


Verify = Callable[[Delivery, Sequence[str], str, float], bool]
Read = Callable[[Any, Delivery], Iterator[tuple[Mapping[str, Any], Told]]]


@dataclass(frozen=True)
class Scheme:
    """How one kind of CRM signs (`verify`) and what it says (`read`: each event with where it came from)."""

    label: StrOrPromise
    verify: Verify
    read: Read
    header: str = ""


def is_recent(timestamp: str, now: float) -> bool:
    """Whether `timestamp`, in seconds since 1970, lies within five minutes of `now`, on either side."""
    is_time = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return is_time and abs(now - int(timestamp)) <= TOLERANCE_S


def _is_standard(delivery: Delivery, secrets: Sequence[str], _header: str, now: float) -> bool:
    identifier, timestamp, proofs = map(delivery.header, ("webhook-id", "webhook-timestamp", "webhook-signature"))
    if not identifier or not is_recent(timestamp, now):
        return False
    return standard_webhooks.is_signed(delivery.body, identifier, timestamp, proofs, secrets)


def _is_hubspot(delivery: Delivery, secrets: Sequence[str], _header: str, now: float) -> bool:
    """HubSpot's v3: base64 of HMAC-SHA256 over method, address, body and time in milliseconds."""
    timestamp = delivery.header("x-hubspot-request-timestamp")
    if len(timestamp) <= 3 or not is_recent(timestamp[:-3], now) or not timestamp.isdigit():
        return False
    signed = f"POST{delivery.url}".encode() + delivery.body + timestamp.encode()
    given = delivery.header("x-hubspot-signature-v3").encode("utf-8", "replace")
    proofs = [b64encode(hmac.digest(secret.encode(), signed, "sha256")) for secret in secrets if secret]
    return any(hmac.compare_digest(proof, given) for proof in proofs)


def _is_timed(delivery: Delivery, secrets: Sequence[str], header: str, now: float) -> bool:
    """`t=<seconds>,v1=<hex>`, as many do after Stripe: HMAC-SHA256 over the time, a dot and the body."""
    parts = [part.strip().partition("=") for part in delivery.header(header).split(",")[: MOST_PROOFS + 1]]
    timestamp = next((value for name, _sign, value in parts if name == "t"), "")
    if not is_recent(timestamp, now):
        return False
    signed = timestamp.encode() + b"." + delivery.body
    given = [value.encode("utf-8", "replace") for name, _sign, value in parts if name == "v1"]
    proofs = [hmac.new(secret.encode(), signed, sha256).hexdigest().encode() for secret in secrets if secret]
    return any(hmac.compare_digest(proof, each) for proof in proofs for each in given)


def _kind(word: Any) -> str:
    """changed, deleted or merged, by the last part of words such as contact.deleted."""
    last = str(word or "").replace("_", ".").rpartition(".")[2].lower()
    if last in ("deleted", "deletion", "delete", "removed", "privacydeletion"):
        return "deleted"
    return "merged" if last in ("merged", "merge") else "changed"


_TIMES = ("occurred_at", "timestamp", "created_at", "created")
_OF_CONTACTS = ("contact.", "object.")


def _one(document: Any, delivery: Delivery) -> Iterator[tuple[Mapping[str, Any], Told]]:
    """One event a request: {id, type, timestamp, data: {id, merged_into}}, with the usual other names."""
    if not isinstance(document, dict):
        return
    data = document.get("data")
    data = data if isinstance(data, dict) else document
    inner = data.get("object")
    data = inner if isinstance(inner, dict) else data
    at = next((document[name] for name in _TIMES if document.get(name)), "")
    event_id = delivery.header("webhook-id") or document.get("event_id") or document.get("id")
    customer = data.get("id") if data is not document else document.get("customer_id") or document.get("record_id")
    kind = _kind(document.get("type") or document.get("event"))
    yield document, Told(event_id, kind, customer, at, data.get("merged_into", ""))


def _of_hubspot(document: Any, _delivery: Delivery) -> Iterator[tuple[Mapping[str, Any], Told]]:
    """A list of up to 100 events; several may share an eventId, so the customer and the time belong to it."""
    for event in document if isinstance(document, list) else []:
        if not isinstance(event, dict) or not str(event.get("subscriptionType", "")).startswith(_OF_CONTACTS):
            continue
        kind, customer, at = _kind(event["subscriptionType"]), event.get("objectId"), event.get("occurredAt")
        base = f"{event.get('eventId')}:{at}:{event['subscriptionType']}"
        kept = event.get("newObjectId") or event.get("primaryObjectId") or customer
        if kind != "merged":
            yield event, Told(f"{base}:{customer}", kind, customer, at)
            continue
        yield event, Told(f"{base}:{kept}:kept", "changed", kept, at)
        merged = event.get("mergedObjectIds")
        for one in merged if isinstance(merged, list) else []:
            if str(one) != str(kept):
                yield event, Told(f"{base}:{one}", kind, one, at, kept)


SCHEMES: dict[str, Scheme] = {
    "standard_webhooks": Scheme(_("Standard Webhooks"), _is_standard, _one),
    "hubspot": Scheme(_("HubSpot, version 3"), _is_hubspot, _of_hubspot),
    "timed": Scheme(_("a header of the form t=…,v1=…"), _is_timed, _one, header="x-signature"),
}
