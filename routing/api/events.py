"""`POST /api/v1/contacts/events`: what became of contacts, told by providers and phone systems."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from contactcenter.foundation.problems import Malformed
from routing import spool
from routing.api.decisions import HotView, bearer_key, read_body, refused
from routing.api.intake import read_json
from routing.api.moments import YEARS
from routing.plane import plane

KINDS = ("leg", "entered", "agent_answered", "abandoned", "left")
MOST_EVENTS = 500


class EventsView(HotView):
    """A batch of events by decision id or call id; each is kept once, however often it is sent."""

    def post(self, http: HttpRequest) -> HttpResponse:
        key = bearer_key(http)
        if key is None or not key.may_report:
            return refused()
        events = _read(read_json(read_body(http)))
        here = plane()
        for event in events:
            here.spool.record(f"event:{event['event_id']}", spool.EVENT, event, here.clock.now().timestamp())
        body = orjson.dumps({"accepted": len(events)})
        return HttpResponse(body, content_type="application/json", headers={"Content-Length": str(len(body))})


def _read(sent: dict[str, Any]) -> list[dict[str, Any]]:
    events = sent.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
        raise Malformed("invalid_field", f"events is a list of 1 to {MOST_EVENTS} events.", "events")
    return [_event(event, place) for place, event in enumerate(events)]


def _event(event: Any, place: int) -> dict[str, Any]:
    if not isinstance(event, dict) or event.get("kind") not in KINDS:
        raise Malformed("invalid_field", f"kind is one of {', '.join(KINDS)}.", f"events[{place}].kind")
    named = {name: _short(event.get(name), f"events[{place}].{name}") for name in ("decision_id", "call_id", "queue")}
    if not named["decision_id"] and not named["call_id"]:
        raise Malformed("missing_field", "decision_id or call_id is required.", f"events[{place}].decision_id")
    at = _moment(event.get("at"), f"events[{place}].at")
    details = {
        name: event[name]
        for name in ("seconds", "outcome", "sip_code")
        if isinstance(event.get(name), str | int | float)
    }
    identity = orjson.dumps([event["kind"], named, at, details], option=orjson.OPT_SORT_KEYS)
    event_id = hashlib.sha256(identity).hexdigest()[:32]
    return {"v": spool.FORMAT, "event_id": event_id, "kind": event["kind"], "at": at, "details": details} | named


def _short(value: Any, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 128:
        raise Malformed("invalid_field", "Text of at most 128 characters.", field)
    return value


def _moment(value: Any, field: str) -> str:
    """ISO 8601 with a zone, as UTC. Two reports of one event are recognised by it."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("invalid_field", "at is a time such as 2026-11-22T08:00:00Z.", field) from error
    if moment.tzinfo is None:
        raise Malformed("invalid_field", "at needs a time zone, such as Z.", field)
    if moment.year not in YEARS:
        raise Malformed("invalid_field", f"The year lies between {YEARS[0]} and {YEARS[-1]}.", field)
    return moment.astimezone(UTC).isoformat()
