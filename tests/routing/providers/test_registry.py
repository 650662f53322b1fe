"""Each dialect is one object with a name for people, and has its row in the docs."""

import subprocess
import sys
from pathlib import Path

import pytest

from routing.contacts import CHANNELS
from routing.models.access import dialect_choices
from routing.providers import DIALECTS
from routing.providers.base import CALLER_IDS, Dialect, RawRequest, SignatureError, VoiceDialect
from routing.providers.messaging import MessageDialect

DOCS = Path(__file__).resolve().parents[3] / "docs"
KINDS = {"sip", "phone", "provider_queue", "team"}


@pytest.mark.parametrize("slug", DIALECTS)
def test_a_dialect_says_what_it_is(slug: str) -> None:
    dialect = DIALECTS[slug]
    assert dialect.slug == slug
    assert dialect.label
    assert dialect.channels <= set(CHANNELS)
    assert dialect.capabilities.target_kinds <= KINDS
    assert 0 < dialect.deadline_s <= 1.5
    assert isinstance(dialect, VoiceDialect | MessageDialect) == bool(dialect.stages)


def rows(slug: str) -> list[list[str]]:
    """The cells of each row that the docs give a dialect, in the order of their tables."""
    lines = (DOCS / "providers.md").read_text().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith(f"| `{slug}` |")]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.slug)
def test_a_dialect_has_its_row_in_the_docs(dialect: Dialect) -> None:
    cells = rows(dialect.slug)[0]
    capabilities = dialect.capabilities
    assert cells[1] == dialect.label
    assert cells[2] == ", ".join(channel for channel in CHANNELS if channel in dialect.channels)
    assert set(cells[3].split(", ")) == capabilities.target_kinds
    assert cells[4:8] == [
        "yes" if can else "no"
        for can in (
            capabilities.custom_headers,
            capabilities.ring_timeout,
            capabilities.several_targets,
            capabilities.after_stage,
        )
    ]
    assert cells[9] == f"{dialect.deadline_s:g} s"


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.slug)
def test_the_docs_say_what_a_call_can_carry(dialect: Dialect) -> None:
    _, *carries = rows(dialect.slug)
    if "voice" not in dialect.channels:
        assert carries == []
        return
    can = dialect.capabilities
    assert can.caller_id <= set(CALLER_IDS)
    ringing = "as the queue says" if can.ring_timeout else "set at the provider"
    cells = carries[0]
    assert cells[1:] == [
        can.header_names if can.custom_headers else "none",
        ", ".join(sorted(can.caller_id)) or "nothing of ours",
        ringing if can.longest_ring_s is None else f"{can.longest_ring_s} s",
        can.transfer,
    ]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.slug)
def test_no_dialect_takes_a_bare_request(dialect: Dialect) -> None:
    with pytest.raises(SignatureError):
        dialect.verify(RawRequest("POST", "/voice"), ["secret"], "https://calls.example.com", 0.0)


def test_the_portal_offers_every_dialect_by_its_name() -> None:
    assert dict(dialect_choices()) == {slug: dialect.label for slug, dialect in DIALECTS.items()}


def test_twilios_network_client_is_never_loaded() -> None:
    code = "import sys, routing.providers; sys.exit(any(name.startswith('twilio.rest') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
