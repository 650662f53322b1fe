"""The address that is told of messages: who gets in, what lies in the spool afterwards. No database is touched."""

from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from routing import spool
from routing.providers import DIALECTS
from tests.routing import live_folder
from tests.routing.decide_server import GOLD, DecideServer
from tests.routing.messages import senders
from tests.routing.messages.world import ACCOUNT

PATH = f"/api/v1/p/{ACCOUNT}/message"
TOKEN = DIALECTS["meta"].verify_token(ACCOUNT, senders.SECRET)  # type: ignore[attr-defined]
OLD_TOKEN = DIALECTS["meta"].verify_token(ACCOUNT, senders.OLD_SECRET)  # type: ignore[attr-defined]
BATCH = senders.as_json(senders.whatsapp_batch(senders.whatsapp_message(GOLD)))


@pytest.fixture
def meta(decide_server: DecideServer) -> DecideServer:
    """A decide server with an account at Meta, in the middle of changing its secret."""
    decide_server.change(access=live_folder.account(ACCOUNT, "meta", senders.SECRET, senders.OLD_SECRET))
    return decide_server


def send(body: bytes, path: str = PATH, **headers: str) -> HttpResponse:
    given = headers or senders.meta_headers(body)
    return Client().post(path, body, content_type="application/json", headers=given)  # type: ignore[return-value]


def spooled(server: DecideServer) -> list[dict[str, Any]]:
    with spool.courier_end(server.folder / "spool.sqlite3") as rows:
        return [orjson.loads(row.document) for row in spool.unshipped(rows, 5000) if row.kind == spool.MESSAGE]


def test_a_message_is_in_the_spool_when_the_provider_hears_that_we_have_it(meta: DecideServer) -> None:
    answer = send(BATCH)
    assert (answer.status_code, answer.content) == (200, b"{}")
    (kept,) = spooled(meta)
    assert (kept["account"], kept["message_id"], kept["sender"]) == (ACCOUNT, "wamid.1", GOLD)
    assert "Where is my order" not in str(kept)


def test_a_message_told_again_is_one_message(meta: DecideServer) -> None:
    assert [send(BATCH).status_code for _ in range(3)] == [200, 200, 200]
    assert len(spooled(meta)) == 1


def test_a_batch_of_a_thousand_is_a_thousand_messages(meta: DecideServer) -> None:
    batch = senders.whatsapp_batch(*(senders.whatsapp_message(GOLD, f"wamid.{n}") for n in range(1000)), statuses=500)
    body = senders.as_json(batch)
    assert len(body) > 2 * 65_536, "larger than a call may ask"
    assert send(body).status_code == 200
    assert len(spooled(meta)) == 1000


def test_what_does_not_concern_us_is_taken_and_forgotten(meta: DecideServer) -> None:
    for document in (senders.whatsapp_batch(statuses=9), {"object": "user", "entry": [{}]}, ["a", "list"]):
        assert send(senders.as_json(document)).status_code == 200
    assert spooled(meta) == []


def test_refusals_are_all_the_same_and_leave_nothing(meta: DecideServer) -> None:
    meta.change(
        access=live_folder.account("44444444-4444-4444-8444-444444444444", "meta", senders.SECRET, enabled=False)
    )
    refused = [
        send(BATCH, **{"X-Other": "header"}),
        send(BATCH, **senders.meta_headers(BATCH, "a secret of nobody")),
        send(BATCH, **senders.meta_headers(BATCH + b" ")),
        send(BATCH, PATH.replace(ACCOUNT, "44444444-4444-4444-8444-444444444444")),
        send(BATCH, PATH.replace(ACCOUNT, "55555555-5555-4555-8555-555555555555")),
    ]
    assert {(answer.status_code, answer.content) for answer in refused} == {(403, refused[0].content)}
    assert spooled(meta) == []


def test_both_live_secrets_open(meta: DecideServer) -> None:
    assert send(BATCH, **senders.meta_headers(BATCH, senders.OLD_SECRET)).status_code == 200


def test_only_networks_that_are_named_come_in(meta: DecideServer) -> None:
    meta.change(access=live_folder.account(ACCOUNT, "meta", senders.SECRET, networks=["192.0.2.0/24"]))
    assert send(BATCH).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param(f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={TOKEN}", 200, id="ours"),
        pytest.param(
            f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={OLD_TOKEN}", 200, id="the one before"
        ),
        pytest.param(
            f"hub.mode=subscribe&hub.challenge=1&hub.verify_token={ACCOUNT}", 403, id="what stands in the address"
        ),
        pytest.param("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=other", 403, id="another token"),
        pytest.param("hub.mode=subscribe&hub.challenge=1158201444", 403, id="no token"),
        pytest.param(f"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={TOKEN}", 403, id="another mode"),
        pytest.param(f"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token={TOKEN}", 403, id="a script"),
        pytest.param("", 403, id="nothing"),
    ],
)
def test_metas_handshake_gets_its_challenge_back(meta: DecideServer, query: str, status: int) -> None:
    answer = Client().get(f"{PATH}?{query}")
    assert answer.status_code == status
    if status == 200:
        assert (answer.content, answer["Content-Type"]) == (b"1158201444", "text/plain")


def test_other_stages_and_bodies_without_end_are_refused(meta: DecideServer) -> None:
    assert send(BATCH, PATH.replace("/message", "/voice")).status_code == 404
    assert send(b"x" * (3 * 1024 * 1024 + 1)).status_code == 413


def test_a_repeated_key_in_a_signed_webhook_is_one_event(decide_server: DecideServer) -> None:
    access = live_folder.account(ACCOUNT, "chatwoot", senders.SECRET)
    decide_server.change(access=access)
    for number in (1, 1, 2):
        event = {"event": "conversation_created"} | senders.chatwoot_conversation(GOLD, id=number)
        body = senders.as_json(event)
        assert send(body, **senders.chatwoot_headers(body)).status_code == 200
    assert [each["conversation"] for each in spooled(decide_server)] == ["1", "2"]


def test_a_message_that_cannot_be_read_raises_nothing(meta: DecideServer) -> None:
    for body in (b"\xff\x00", b"[" * 9000, b'{"object": "page", "entry": 5}'):
        assert send(body).status_code == 200
