"""Each sender of messages: who is believed, and what is read out of his requests."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from standardwebhooks.webhooks import Webhook

from routing.providers import DIALECTS
from routing.providers.base import RawRequest, SignatureError
from routing.providers.messaging import Message, MessageDialect
from tests.routing import live_folder
from tests.routing.decide_server import GOLD
from tests.routing.messages import senders
from tests.routing.messages.desk_standin import WEBHOOK_SECRET
from tests.routing.providers import twilio_standin

URL = "https://calls.example.com"
NOW = 1_790_000_000.0
OTHER_WEBHOOK_SECRET = "whsec_b3RoZXIgc2VjcmV0IG9mIDI0IGJ5dGVz"
BODY = senders.as_json({"any": "thing"})
Signer = Callable[..., senders.Headers]

SIGNERS: dict[str, tuple[Signer, str, str]] = {
    "meta": (senders.meta_headers, senders.SECRET, senders.OLD_SECRET),
    "chatwoot": (senders.chatwoot_headers, senders.SECRET, senders.OLD_SECRET),
    "zendesk": (senders.zendesk_headers, senders.SECRET, senders.OLD_SECRET),
    "bird_messages": (senders.bird_headers, senders.SECRET, senders.OLD_SECRET),
    "signed_webhook": (senders.webhook_headers, WEBHOOK_SECRET, OTHER_WEBHOOK_SECRET),
}
TIMED = [slug for slug in SIGNERS if slug != "meta"]
MESSAGE_DIALECTS = [slug for slug, dialect in DIALECTS.items() if isinstance(dialect, MessageDialect)]


def dialect(slug: str) -> MessageDialect:
    found = DIALECTS[slug]
    assert isinstance(found, MessageDialect)
    return found


def request(body: bytes, headers: senders.Headers | None = None, method: str = "POST") -> RawRequest:
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    return RawRequest(method, "/api/v1/p/x/message", headers=lower, body=body)


def read(slug: str, document: Any, **headers: str) -> list[Message]:
    body = document if isinstance(document, bytes) else senders.as_json(document)
    return dialect(slug).parse(request(body, headers))


@pytest.mark.parametrize("slug", SIGNERS)
def test_either_live_secret_is_believed(slug: str) -> None:
    signer, secret, old = SIGNERS[slug]
    for used in (secret, old):
        dialect(slug).verify(request(BODY, signer(BODY, used, at=NOW)), [secret, old], URL, NOW)


@pytest.mark.parametrize("slug", SIGNERS)
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda headers: {}, id="unsigned"),
        pytest.param(lambda headers: {name: value + "x" for name, value in headers.items()}, id="altered headers"),
        pytest.param(lambda headers: dict.fromkeys(headers, ""), id="empty headers"),
        pytest.param(lambda headers: dict.fromkeys(headers, "é\udcff" * 9), id="headers that are no ASCII"),
    ],
)
def test_a_forged_request_is_refused(slug: str, forge: Callable[[senders.Headers], senders.Headers]) -> None:
    signer, secret, _old = SIGNERS[slug]
    with pytest.raises(SignatureError):
        dialect(slug).verify(request(BODY, forge(signer(BODY, secret, at=NOW))), [secret], URL, NOW)


@pytest.mark.parametrize("slug", SIGNERS)
def test_another_body_or_secret_is_refused(slug: str) -> None:
    signer, secret, old = SIGNERS[slug]
    for body, secrets in ((BODY + b" ", [secret]), (BODY, [old]), (BODY, [])):
        with pytest.raises(SignatureError):
            dialect(slug).verify(request(body, signer(BODY, secret, at=NOW)), secrets, URL, NOW)


@pytest.mark.parametrize("slug", TIMED)
@pytest.mark.parametrize(("late_s", "is_taken"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_a_signed_time_counts_for_five_minutes(slug: str, late_s: int, is_taken: bool) -> None:
    signer, secret, _old = SIGNERS[slug]
    asked = request(BODY, signer(BODY, secret, at=NOW))
    if is_taken:
        dialect(slug).verify(asked, [secret], URL, NOW + late_s)
    else:
        with pytest.raises(SignatureError):
            dialect(slug).verify(asked, [secret], URL, NOW + late_s)


def test_our_idea_of_a_signed_webhook_is_the_librarys() -> None:
    Webhook(WEBHOOK_SECRET).verify(BODY, senders.webhook_headers(BODY))


def test_several_signatures_may_stand_in_one_header() -> None:
    headers = senders.webhook_headers(BODY, at=NOW)
    headers["webhook-signature"] = "v1a,other v1,b3RoZXI= " + headers["webhook-signature"]
    dialect("signed_webhook").verify(request(BODY, headers), [WEBHOOK_SECRET], URL, NOW)


@pytest.mark.parametrize("slug", MESSAGE_DIALECTS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[1, 2]", id="a list"),
        pytest.param(b"{" * 5000, id="braces without end"),
        pytest.param(b'{"entry": 7, "object": "page", "data": [], "event": {}, "type": 3}', id="other types"),
        pytest.param(b'{"object": "page", "entry": [{"messaging": [{"message": "x", "sender": 1}]}]}', id="odd parts"),
        pytest.param(b'{"event": "conversation_created", "id": null, "meta": [], "inbox_id": {}}', id="no id"),
        pytest.param(b"MessageSid=&From=&To=%00", id="an empty form"),
        pytest.param(b'{"type": "message.received", "data": {"conversation_id": true}}', id="a flag for an id"),
    ],
)
def test_what_cannot_be_read_is_no_event(slug: str, body: bytes) -> None:
    assert dialect(slug).parse(request(body)) == []


def test_whatsapp_messages_come_in_batches_and_statuses_do_not_count() -> None:
    batch = senders.whatsapp_batch(*(senders.whatsapp_message(GOLD, f"wamid.{n}") for n in range(1000)), statuses=50)
    found = read("meta", batch)
    assert [message.message_id for message in found] == [f"wamid.{n}" for n in range(1000)]
    assert {(message.channel, message.to, message.sender) for message in found} == {
        ("whatsapp", live_folder.WHATSAPP_NUMBER, GOLD)
    }
    assert read("meta", senders.whatsapp_batch(statuses=3)) == []


def page(kind: str, **message: Any) -> dict[str, Any]:
    event = {"sender": {"id": "psid-1"}, "recipient": {"id": "page-1"}, "timestamp": 1790000000123}
    content = {"mid": "m_1", "text": "Hello"} | message
    return {"object": kind, "entry": [{"id": "page-1", "messaging": [event | {"message": content}]}]}


@pytest.mark.parametrize(("kind", "channel"), [("page", "messenger"), ("instagram", "instagram")])
def test_a_page_is_written_to_by_senders_of_its_own(kind: str, channel: str) -> None:
    (message,) = read("meta", page(kind))
    assert (message.channel, message.to, message.sender) == (channel, "page-1", "psid-1")
    assert message.occurred_at == datetime(2026, 9, 21, 14, 13, 20, 123000, UTC)


def test_echoes_of_our_own_answers_do_not_count() -> None:
    assert read("meta", page("page", is_echo=True)) == []
    from_us = page("instagram")
    from_us["entry"][0]["messaging"][0]["sender"] = {"id": "page-1"}
    assert read("meta", from_us) == []


def chatwoot(event: str, **fields: Any) -> list[Message]:
    return read("chatwoot", {"event": event} | senders.chatwoot_conversation(GOLD) | fields)


def test_chatwoot_tells_of_a_conversation() -> None:
    (message,) = chatwoot("conversation_created", custom_attributes={"Order No": "A-7", "odd": [1]})
    assert (message.kind, message.channel, message.conversation) == ("inbound", "whatsapp", "42")
    assert (message.to, message.sender) == ("inbox:7", GOLD)
    assert message.context == {"order_no": "A-7"}


def test_the_identifier_of_a_contact_is_his_customer_number() -> None:
    sender = {"phone_number": None, "identifier": "4711"}
    (message,) = chatwoot("conversation_created", channel="Channel::Instagram", meta={"sender": sender})
    assert (message.channel, message.sender, message.context) == ("instagram", GOLD[1:], {"customer_no": "4711"})


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        pytest.param({"message_type": "incoming"}, True, id="the customer wrote"),
        pytest.param({"message_type": "outgoing"}, False, id="an agent wrote"),
        pytest.param({"message_type": "incoming", "private": True}, False, id="a note"),
        pytest.param({"message_type": "activity"}, False, id="the help desk itself"),
    ],
)
def test_only_the_customers_messages_count(fields: dict[str, Any], counts: bool) -> None:
    document = {"event": "message_created", "id": 900, "conversation": senders.chatwoot_conversation(GOLD), **fields}
    found = read("chatwoot", document)
    assert [message.message_id for message in found] == (["message:900"] if counts else [])


def test_chatwoot_tells_of_a_status_and_of_an_assignment() -> None:
    (resolved,) = chatwoot("conversation_status_changed", status="resolved")
    assert (resolved.kind, resolved.status) == ("status", "resolved")
    assert (
        resolved.message_id != chatwoot("conversation_status_changed", status="resolved", updated_at=1.5)[0].message_id
    )
    (pending,) = chatwoot("conversation_status_changed", status="pending")
    assert pending.status == "open"
    changed = [{"team_id": {"previous_value": None, "current_value": 6}}]
    (assigned,) = chatwoot("conversation_updated", changed_attributes=changed)
    assert (assigned.kind, assigned.team, assigned.assignee) == ("assigned", "6", "")
    assert chatwoot("conversation_updated", changed_attributes=[{"labels": {}}]) == []
    assert chatwoot("conversation_typing_on") == []


def test_zendesk_is_told_what_to_send_and_repeats_under_one_id() -> None:
    document = {"event": "message", "ticket_id": "77", "channel": "sms", "from": GOLD, "to": "+39025550", "at": "x"}
    (message,) = read("zendesk", document, **{"x-zendesk-webhook-invocation-id": "i-9"})
    assert (message.message_id, message.conversation, message.channel) == ("zendesk:i-9", "77", "sms")
    assert read("zendesk", document) == []
    (solved,) = read("zendesk", {"event": "status", "ticket_id": 77, "status": "Solved"}, **{
        "x-zendesk-webhook-invocation-id": "i-10"})  # fmt: skip
    assert (solved.kind, solved.status) == ("status", "resolved")


def test_a_signed_webhook_brings_its_own_context() -> None:
    event = senders.webhook_event(context={"Customer-No": "4711", "big": {}})
    (message,) = read("signed_webhook", event, **{"webhook-id": "w" * 500})
    assert message.context == {"customer_no": "4711"}
    assert len(message.message_id) == 64, "an id that is too long becomes its hash"
    assert read("signed_webhook", senders.webhook_event("invoice.paid"), **{"webhook-id": "w"}) == []


@pytest.mark.parametrize(
    ("sender", "to", "expected"),
    [
        ("whatsapp:+39025", "whatsapp:+39026", ("whatsapp", "+39026", "+39025")),
        ("+39025", "+39026", ("sms", "+39026", "+39025")),
        ("messenger:123", "messenger:456", ("messenger", "456", "123")),
    ],
)
def test_twilio_names_the_channel_in_the_address(sender: str, to: str, expected: tuple[str, str, str]) -> None:
    form = {"MessageSid": "SM1", "From": sender, "To": to, "Body": "Hello", "SmsStatus": "received"}
    (message,) = read("twilio_messages", urlencode(form).encode())
    assert (message.channel, message.to, message.sender) == expected
    assert read("twilio_messages", urlencode(form | {"MessageStatus": "delivered"}).encode()) == []


def test_twilio_signs_messages_as_it_signs_calls() -> None:
    form = {"MessageSid": "SM1", "From": GOLD, "To": "+39026", "Body": "Ciao è + &"}
    proof = twilio_standin.signature("secret", f"{URL}/api/v1/p/x/message", form)
    asked = request(urlencode(form).encode(), {"X-Twilio-Signature": proof})
    dialect("twilio_messages").verify(asked, ["secret"], URL, NOW)
    with pytest.raises(SignatureError):
        dialect("twilio_messages").verify(asked, ["other"], URL, NOW)


@pytest.mark.parametrize(
    ("channel", "sender", "expected"),
    [
        ("whatsapp", "390255501001", ("whatsapp", "+390255500001", GOLD)),
        ("mms", "390255501001", ("sms", "+390255500001", GOLD)),
        ("messenger", "1234567890", ("messenger", "390255500001", "1234567890")),
    ],
)
def test_vonage_writes_numbers_without_plus(channel: str, sender: str, expected: tuple[str, str, str]) -> None:
    told = {"channel": channel, "message_uuid": "u-1", "from": sender, "to": "390255500001", "message_type": "text"}
    (message,) = read("vonage_messages", told | {"timestamp": "2026-11-22T10:00:00Z"})
    assert (message.channel, message.to, message.sender) == expected
    assert message.occurred_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert read("vonage_messages", {"channel": channel, "message_uuid": "u-1", "from": "1", "status": "read"}) == []
    assert read("vonage_messages", told | {"channel": "viber_service"}) == []


def bird(event: str = "whatsapp.inbound", **fields: Any) -> dict[str, Any]:
    """An event of Bird's Channels API."""
    message = {
        "id": "404544c5", "channelId": "52ad151f", "direction": "incoming", "createdAt": "2026-11-22T10:00:00.858Z",
        "sender": {"contact": {"id": "d4e8", "identifierKey": "phonenumber", "identifierValue": GOLD}},
        "receiver": {"connector": {"id": "60bf", "identifierValue": live_folder.WHATSAPP_NUMBER}},
        "body": {"type": "text", "text": {"text": "Where is my order?"}},
    }  # fmt: skip
    return {"service": "channels", "event": event, "payload": message | fields}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(bird(), ("whatsapp", live_folder.WHATSAPP_NUMBER, GOLD), id="a number of ours"),
        pytest.param(bird("sms.inbound"), ("sms", live_folder.WHATSAPP_NUMBER, GOLD), id="an SMS"),
        pytest.param(
            bird(receiver={"connector": {"identifierValue": ""}}), ("whatsapp", "52ad151f", GOLD), id="only the channel"
        ),
    ],
)
def test_bird_names_both_sides_in_parts(event: dict[str, Any], expected: tuple[str, str, str]) -> None:
    (message,) = read("bird_messages", event)
    assert (message.channel, message.to, message.sender) == expected
    assert (message.message_id, message.occurred_at) == ("404544c5", datetime(2026, 11, 22, 10, 0, 0, 858000, UTC))


@pytest.mark.parametrize("event", [bird("whatsapp.outbound"), bird(direction="outgoing"), bird(sender={}), bird(id="")])
def test_what_bird_tells_of_ourselves_or_of_nobody_is_no_event(event: dict[str, Any]) -> None:
    assert read("bird_messages", event) == []


def test_vonage_signs_messages_as_it_signs_calls() -> None:
    secret = "a-live-secret-of-32-bytes-or-more"
    claims = {"iat": int(NOW), "payload_hash": hashlib.sha256(BODY).hexdigest()}
    asked = request(BODY, {"Authorization": f"Bearer {jwt.encode(claims, secret, 'HS256')}"})
    dialect("vonage_messages").verify(asked, [secret], URL, NOW)
    with pytest.raises(SignatureError):
        dialect("vonage_messages").verify(asked, ["another-secret-of-32-bytes-or-more"], URL, NOW)


@pytest.mark.parametrize("slug", MESSAGE_DIALECTS)
def test_the_text_of_a_message_is_nowhere(slug: str) -> None:
    said = "the-text-of-the-message"
    conversation = senders.chatwoot_conversation(GOLD, messages=[{"content": said}])
    bodies = [
        senders.as_json(senders.whatsapp_batch(senders.whatsapp_message(GOLD, text={"body": said}))),
        senders.as_json(page("page", text=said)),
        senders.as_json({"event": "message_created", "id": 1, "content": said, "message_type": "incoming"}
                        | {"conversation": conversation}),
        senders.as_json(senders.webhook_event(text=said)),
        senders.as_json({"channel": "sms", "message_uuid": "u", "from": "1", "message_type": "text", "text": said}),
        senders.as_json({"event": "message", "ticket_id": 1, "comment": said}),
        senders.as_json(bird(body={"type": "text", "text": {"text": said}})),
        urlencode({"MessageSid": "SM1", "From": GOLD, "To": "+39", "Body": said}).encode(),
    ]  # fmt: skip
    identified = {"webhook-id": "1", "x-zendesk-webhook-invocation-id": "1"}
    found = [message for body in bodies for message in dialect(slug).parse(request(body, identified))]
    assert found
    assert said not in json.dumps([str(message) for message in found])
