"""`GET|POST /api/v1/p/<account>/<stage>`: a provider asks, or reports, in its own words.

A plain view: no content negotiation, so that whatever a provider accepts it gets the answer it needs.
"""

import hashlib
from dataclasses import replace
from time import perf_counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contactcenter.foundation.encryption import decrypt
from contactcenter.foundation.logs import logger
from contactcenter.foundation.problems import Malformed, problem
from routing import metrics, spool
from routing.access import Account
from routing.answers import Answer
from routing.api.decisions import read_body
from routing.contacts import Contact
from routing.decide import Plane, decide
from routing.plane import plane
from routing.providers import DIALECTS
from routing.providers.base import VOICE, LegReport, RawRequest, Reply, SignatureError, VoiceDialect
from routing.providers.legs import Leg, Step, first_leg, following, query_of, read_query, undecided

log = logger(__name__)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, account: UUID, stage: str) -> HttpResponse:
    """Verify on raw bytes, then answer in the dialect of the account. Refusals are one constant 403."""
    here = plane()
    try:
        raw = _raw(request)
        known, dialect = _verified(raw, str(account), here)
        if stage not in dialect.stages:
            return problem(404, "no_such_stage", "This provider has no such stage.")
        reply = _voice(raw, known, dialect, here) if stage == VOICE else _after(raw, known, dialect, here)
    except Malformed as malformed:
        return problem(malformed.status, malformed.code, malformed.detail, malformed.field)
    except SignatureError as refusal:
        log.warning("provider_refused", account=str(account), stage=stage, why=str(refusal))
        return problem(403, "refused", "The request could not be verified.")
    headers = {"Content-Length": str(len(reply.body))}
    return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type, headers=headers)


def _raw(request: HttpRequest) -> RawRequest:
    return RawRequest(
        method=request.method or "",
        path=request.path,
        query_string=request.META.get("QUERY_STRING", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=read_body(request),
    )


def _verified(raw: RawRequest, uuid: str, here: Plane) -> tuple[Account, VoiceDialect]:
    account = here.live.held.access.accounts.get(uuid)
    if account is None or not account.enabled:
        raise SignatureError("the account is unknown or disabled")
    dialect = DIALECTS.get(account.dialect)
    if not isinstance(dialect, VoiceDialect):
        raise SignatureError("accounts of this kind have no webhook")
    try:
        dialect.verify(raw, account.open_secrets(decrypt), account.public_url)
    except ValueError as error:
        # A secret under a lost key, or a public address that is none: nothing can be verified.
        raise SignatureError("the account's secret or public address cannot be used") from error
    return account, dialect


def _voice(raw: RawRequest, account: Account, dialect: VoiceDialect, here: Plane) -> Reply:
    """Where does this call go?"""
    began = perf_counter()
    contact = dialect.parse(raw, account.uuid)
    step = _decided(contact, dialect, here)
    reply = _rendered(step, contact.to, raw, account, dialect, here)
    metrics.decided(step.answer, perf_counter() - began)
    return reply


def _decided(contact: Contact, dialect: VoiceDialect, here: Plane) -> Step:
    if contact.call_id:
        try:
            answer = decide(contact, here, dialect.deadline_s)
            return Step(answer, first_leg(answer, here.live.world()))
        except Exception:  # noqa: BLE001 - the caller would hear the provider's error message instead
            log.exception("decision_failed", account=contact.account)
    else:
        log.warning("call_without_id", account=contact.account, dialect=dialect.slug)
    return undecided(contact, here)


def _after(raw: RawRequest, account: Account, dialect: VoiceDialect, here: Plane) -> Reply:
    """A leg has ended: note how, and go on with the next one."""
    leg = read_query(raw.query_string, here.id_key, account.uuid)
    report = dialect.parse_leg(raw)
    _note(leg, report, account, here)
    contact = Contact(account.uuid, report.call_id, report.to, report.caller)
    step = following(leg, report.outcome, contact, here)
    return _rendered(step, report.to, raw, account, dialect, here) if step else dialect.end()


def _rendered(
    step: Step, own_number: str, raw: RawRequest, account: Account, dialect: VoiceDialect, here: Plane
) -> Reply:
    beside = replace(
        raw,
        path=raw.path.rpartition("/")[0] + "/after",
        query_string=query_of(step.leg, here.id_key, account.uuid),
    )
    return dialect.render(step.answer, beside.url(account.public_url), own_number)


def _note(leg: Leg, report: LegReport, account: Account, here: Plane) -> None:
    """Append the leg's outcome to the spool; reported twice, it is noted once."""
    facts = "\x1f".join((account.uuid, report.call_id, leg.decision_id, str(leg.index), str(leg.host)))
    event_id = hashlib.sha256(facts.encode()).hexdigest()[:32]
    now = here.clock.now()
    details: dict[str, Any] = {"outcome": report.outcome, "index": leg.index, "host": leg.host, "release": leg.release}
    if report.sip_code:
        details["sip_code"] = report.sip_code
    if report.duration_s is not None:
        details["duration_s"] = report.duration_s
    document = {
        "v": spool.FORMAT,
        "event_id": event_id,
        "decision_id": leg.decision_id,
        "call_id": report.call_id,
        "kind": "leg",
        "queue": leg.queue,
        "at": now.isoformat(),
        "details": details,
    }
    here.spool.record(f"event\x1f{event_id}", spool.EVENT, document, now.timestamp())
