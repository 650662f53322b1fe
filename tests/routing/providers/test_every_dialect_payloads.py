"""Requests as providers document them, and what we read in them: payloads/<dialect>.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from routing.contacts import Contact
from routing.providers import DIALECTS
from routing.providers.base import LegReport, RawRequest, VoiceDialect
from tests.routing.providers.every_peer import PEERS

FILES = {file.stem: json.loads(file.read_text()) for file in Path(__file__).with_name("payloads").glob("*.json")}
PAYLOADS = [pytest.param(slug, each, id=f"{slug}: {each['says']}") for slug, found in FILES.items() for each in found]


@pytest.mark.parametrize(("slug", "payload"), PAYLOADS)
def test_a_request_is_read(slug: str, payload: dict[str, Any]) -> None:
    dialect = DIALECTS[slug]
    assert isinstance(dialect, VoiceDialect)
    body = payload["body"] if isinstance(payload["body"], str) else json.dumps(payload["body"])
    request = RawRequest("POST", f"/{payload.get('stage', 'voice')}", body=body.encode())
    if "leg" in payload:
        assert dialect.parse_leg(request) == LegReport(**({"to": "", "caller": ""} | payload["leg"]))
    else:
        assert dialect.parse(request, "account") == Contact("account", **payload["contact"])


def test_every_dialect_of_calls_has_payloads_of_its_own() -> None:
    assert FILES.keys() == PEERS.keys()
