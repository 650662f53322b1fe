"""`GET|POST /api/v1/p/<account>/<stage>`: a provider asks, or reports, in its own words.

A plain view: no content negotiation, so that whatever a provider accepts it gets the answer it needs.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contactcenter.foundation.encryption import decrypt
from contactcenter.foundation.logs import logger
from contactcenter.foundation.problems import Malformed, problem
from routing import metrics, spool
from routing.access import Account
from routing.answers import Answer, emergency
from routing.api import messages
from routing.api.decisions import peer_of, read_body
from routing.api.intake import LARGEST_BODY
from routing.contacts import Contact
from routing.decide import Plane, decide
from routing.plane import plane
from routing.providers import DIALECTS
from routing.providers.base import (
    AFTER,
    BEHIND,
    FAILED,
    NO_ANSWER,
    VOICE,
    Dialect,
    LegReport,
    RawRequest,
    Reply,
    SignatureError,
    VoiceDialect,
)
from routing.providers.legs import Leg, Step, first_leg, following, query_of, read_query, undecided
from routing.providers.messaging import LARGEST_BATCH, MessageDialect

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A verified request of a voice dialect: by whom, in which dialect, and what this process knows."""

    raw: RawRequest
    account: Account
    dialect: VoiceDialect
    here: Plane


@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, account: str, stage: str) -> HttpResponse:
    """Verify on raw bytes, then answer in the dialect of the account. Refusals are one constant 403."""
    try:
        reply = _reply(request, account, stage, plane())
    except Malformed as malformed:
        return problem(malformed.status, malformed.code, malformed.detail, malformed.field)
    except SignatureError as refusal:
        log.info("provider_refused", account=account[:36], stage=stage[:20], why=str(refusal))
        return problem(403, "refused", "The request could not be verified.")
    if reply is None:
        return problem(404, "no_such_stage", "This provider has no such stage.")
    headers = {"Content-Length": str(len(reply.body))}
    return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type, headers=headers)


def _reply(request: HttpRequest, uuid: str, stage: str, here: Plane) -> Reply | None:
    account, dialect = _known(uuid, here)
    raw = _raw(request, dialect)
    if raw.method == "GET" and isinstance(dialect, MessageDialect):
        greeting = dialect.handshake(raw, uuid, _secrets(account))
        if greeting is not None:
            return greeting
    _verify(raw, account, dialect, here)
    if stage not in dialect.stages:
        return None
    if isinstance(dialect, MessageDialect):
        return messages.take_in(raw, dialect, uuid, here.spool, here.clock)
    return _answered(Asked(raw, account, dialect, here), stage) if isinstance(dialect, VoiceDialect) else None


def _known(uuid: str, here: Plane) -> tuple[Account, Dialect]:
    account = here.live.held.access.accounts.get(uuid)
    if account is None or not account.enabled:
        raise SignatureError("the account is unknown or disabled")
    dialect = DIALECTS.get(account.dialect)
    if dialect is None or not dialect.stages:
        raise SignatureError("accounts of this kind have no webhook")
    return account, dialect


def _raw(request: HttpRequest, dialect: Dialect) -> RawRequest:
    return RawRequest(
        method=request.method or "",
        path=request.path,
        query_string=request.META.get("QUERY_STRING", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=read_body(request, LARGEST_BATCH if isinstance(dialect, MessageDialect) else LARGEST_BODY),
        client=peer_of(request),
    )


def _verify(raw: RawRequest, account: Account, dialect: Dialect, here: Plane) -> None:
    if not account.admits(raw.client, dialect.capabilities.signed):
        raise SignatureError("the request comes from a network that is not allowed")
    try:
        dialect.verify(raw, _secrets(account), account.public_url, here.clock.now().timestamp())
    except ValueError as error:
        raise SignatureError("the account's public address cannot be used") from error


def _secrets(account: Account) -> tuple[str, ...]:
    try:
        return tuple(account.open_secrets(decrypt))
    except ValueError as error:
        raise SignatureError("the account's secret lies under a key that is lost") from error


def _answered(asked: Asked, stage: str) -> Reply:
    try:
        return _voice(asked) if stage == VOICE else _after(asked)
    except SignatureError:
        raise
    except Exception:  # else the caller would hear the provider's error message
        log.exception("stage_failed", account=asked.account.uuid, stage=stage)
        return asked.dialect.error_reply(asked.here.emergency_target)


def _voice(asked: Asked) -> Reply:
    """Where does this call go?"""
    began = perf_counter()
    contact = asked.dialect.parse(asked.raw, asked.account.uuid)
    step = _decided(contact, asked)
    reply = _rendered(_whole(_past_dead_ends(step, contact, asked), contact, asked), contact.to, asked)
    metrics.decided(step.answer, perf_counter() - began)
    return reply


def _decided(contact: Contact, asked: Asked) -> Step:
    if contact.call_id:
        try:
            answer = decide(contact, asked.here, asked.dialect.deadline_s)
            return Step(answer, first_leg(answer, asked.here.live.world_of(contact, asked.here.clock)))
        except Exception:  # the number's own queue is better than the emergency target
            log.exception("decision_failed", account=contact.account)
    else:
        log.warning("call_without_id", account=contact.account)
    return undecided(contact, asked.here)


def _past_dead_ends(step: Step, contact: Contact, asked: Asked) -> Step:
    """`step`, or what comes behind it where its address cannot be said and nobody would come back for the next."""
    while asked.dialect.is_dead_end(step.answer):
        _note(step.leg, LegReport(contact.call_id, contact.to, contact.caller, FAILED), asked)
        behind = following(step.leg, FAILED, contact, asked.here)
        if behind is None:
            return replace(step, answer=emergency(contact, step.leg.decision_id, asked.here.emergency_target))
        step = behind
    return step


def _whole(step: Step, contact: Contact, asked: Asked) -> Step:
    """`step`, with all that would be dialled after it where the provider asks but once."""
    if not asked.dialect.asks_once:
        return step
    return replace(step, answer=step.answer | {BEHIND: list(_behind(step, contact, asked))})


def _behind(step: Step, contact: Contact, asked: Asked) -> Iterator[Answer]:
    # A queue of the provider's own keeps who has entered it: its own answer names the overflow, and nothing follows.
    while step.answer["action"] != "reject" and "provider_queue" not in step.answer:
        behind = following(step.leg, NO_ANSWER, contact, asked.here)
        if behind is None:
            return
        yield behind.answer
        step = behind


def _after(asked: Asked) -> Reply:
    """A leg has ended: note how, and go on with the next one."""
    leg = read_query(asked.raw.query_string, asked.here.id_key, asked.account.uuid)
    report = asked.dialect.parse_leg(asked.raw)
    if not report.outcome:
        return asked.dialect.end()  # the leg goes on: some providers tell of each of its states
    _note(leg, report, asked)
    contact = Contact(asked.account.uuid, report.call_id, report.to, report.caller)
    step = following(leg, report.outcome, contact, asked.here)
    return _rendered(step, report.to, asked) if step else asked.dialect.end()


def _rendered(step: Step, own_number: str, asked: Asked) -> Reply:
    beside = replace(
        asked.raw,
        path=f"{asked.raw.path.rpartition('/')[0]}/{AFTER}",
        query_string=query_of(step.leg, asked.here.id_key, asked.account.uuid),
    )
    return asked.dialect.render(step.answer, beside.url(asked.account.public_url), own_number)


def _note(leg: Leg, report: LegReport, asked: Asked) -> None:
    """Append the leg's outcome to the spool; reported twice, it is noted once."""
    leg_of_call = (asked.account.uuid, report.call_id, leg.decision_id, str(leg.index))
    event_id = hashlib.sha256("\x1f".join(leg_of_call).encode()).hexdigest()[:32]
    now = asked.here.clock.now()
    said = {"outcome": report.outcome, "sip_code": report.sip_code, "seconds": report.duration_s}
    ours = {"index": leg.index, "host": leg.host, "release": leg.release}
    document = {
        "v": spool.FORMAT,
        "event_id": event_id,
        "decision_id": leg.decision_id,
        "call_id": report.call_id,
        "kind": "leg",
        "queue": leg.queue,
        "at": now.isoformat(),
        "details": {name: value for name, value in said.items() if value not in ("", None)} | ours,
    }
    asked.here.spool.record(f"event:{event_id}", spool.EVENT, document, now.timestamp())
