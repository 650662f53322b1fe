"""Each dialect is one object with a name for people, and has its row in the docs."""

import subprocess
import sys
from pathlib import Path

import pytest

from routing.contacts import CHANNELS
from routing.models.access import dialect_choices
from routing.providers import DIALECTS
from routing.providers.base import Dialect, RawRequest, SignatureError, VoiceDialect

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
    assert isinstance(dialect, VoiceDialect) == bool(dialect.stages)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.slug)
def test_a_dialect_has_its_row_in_the_docs(dialect: Dialect) -> None:
    rows = [
        line for line in (DOCS / "providers.md").read_text().splitlines() if line.startswith(f"| `{dialect.slug}` |")
    ]
    assert len(rows) == 1
    capabilities = dialect.capabilities
    cells = [cell.strip() for cell in rows[0].strip("|").split("|")]
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
def test_no_dialect_takes_a_bare_request(dialect: Dialect) -> None:
    with pytest.raises(SignatureError):
        dialect.verify(RawRequest("POST", "/voice"), ["secret"], "https://calls.example.com")


def test_the_portal_offers_every_dialect_by_its_name() -> None:
    assert dict(dialect_choices()) == {slug: dialect.label for slug, dialect in DIALECTS.items()}


def test_twilios_network_client_is_never_loaded() -> None:
    code = "import sys, routing.providers; sys.exit(any(name.startswith('twilio.rest') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
