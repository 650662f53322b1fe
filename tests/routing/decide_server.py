"""The decide server inside a test: its addresses, a live folder with demo people, and somebody who asks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from routing import plane as plane_module
from routing.decide import Plane
from tests.routing import live_folder

ACCOUNT = "11111111-1111-4111-8111-111111111111"
KEY = "cc_" + "k" * 43
GOLD, SILVER, STRANGER = "+390255501001", "+390255501003", "+390255509999"


@dataclass
class DecideServer:
    """Asks over HTTP, without a socket; `answer` is the last decision."""

    folder: Path
    key: str = KEY

    def ask(self, caller: str = GOLD, **changes: Any) -> dict[str, Any]:
        """A decision for a call from `caller`; it must be a 200."""
        response = self.post({"call_id": "call-1", "to": live_folder.VOICE_NUMBER, "from": caller} | changes)
        assert response.status_code == 200, response.content
        found: dict[str, Any] = json.loads(response.content)
        return found

    def post(self, body: Any, query: str = "", **headers: str) -> HttpResponse:
        """The raw response to any body."""
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        given = {"Authorization": f"Bearer {self.key}"} | headers
        return Client().post(f"/api/v1/decisions{query}", raw, content_type="application/json", headers=given)  # type: ignore[return-value]

    def change(self, **parts: Any) -> None:
        """Bring something new into the live folder and take it over at once."""
        live_folder.build(self.folder, parts.pop("document", None), **parts)
        plane_module.plane().live.refresh()

    @property
    def plane(self) -> Plane:
        return plane_module.plane()


@pytest.fixture
def decide_server(live_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DecideServer]:
    """A decide server on the demo document, with a gold and a silver customer."""
    settings.ROOT_URLCONF = "contactcenter.decide_urls"
    settings.MIDDLEWARE = []
    live_folder.build(
        live_dir,
        live_folder.demo_document(),
        access=live_folder.account(ACCOUNT, "native", keys=[live_folder.api_key(KEY)]),
        facts={
            f"phone:{GOLD}": {"v": 1, "customer": "1", "tier": "gold"},
            f"phone:{SILVER}": {"v": 1, "customer": "2", "tier": "silver"},
            "customer_no:4711": {"v": 1, "customer": "1", "tier": "gold"},
        },
    )
    monkeypatch.setattr(plane_module, "_plane", None)
    yield DecideServer(live_dir)
    plane_module.plane().live.stop()
