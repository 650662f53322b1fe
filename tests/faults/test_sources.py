"""A data source hangs, drips or resets: its contacts are answered in time, those that do not ask it notice nothing."""

import pytest

from tests.customers.source_standin import running_standin
from tests.faults.callers import Callers
from tests.faults.contact_centre import ContactCentre
from tests.faults.outcome import told
from tests.routing import live_folder
from tests.routing.documents import source

pytestmark = pytest.mark.timeout(90)

ASKING = "+390255500099"


def document_that_asks(url: str) -> live_folder.Document:
    """The demo, and a second number whose flow asks a source about each caller."""
    document = live_folder.demo_document()
    document["sources"] = {"crm": source("CRM", url, "tier") | {"budget_ms": 600, "read_ms": 500}}
    asking = document["flows"]["priority-customers"] | {
        "steps": [{"slug": "crm", "source": "crm", "precedence": "fill"}]
    }
    document["flows"]["asking"] = asking
    document["numbers"][f"voice:{ASKING}"] = live_folder.called_number("Asks", flow="asking")
    return document


@pytest.mark.parametrize("how", ["hang", "drip", "reset", "huge"])
def test_a_source_that_misbehaves_touches_nobody_else(decide_host: ContactCentre, how: str) -> None:
    with running_standin() as standin:
        decide_host.build_live_folder(document=document_that_asks(standin.url(f"/{how}?p={{call.from}}")), number=2)
        decide_host.start_decide()
        with Callers(decide_host.port, to=ASKING, threads=8) as asking, Callers(decide_host.port) as others:
            others.go_on(2.0)
        assert standin.journal, "it was asked"
    told(f"data source: {how}; those who ask it", asking)
    told(f"data source: {how}; those who do not", others)
    assert all("crm" in " ".join(call.answer["degraded"]) for call in asking.calls), "and it is said"
    assert {call.answer["queue"] for call in others.calls} == {"vip", "standard"}
    assert not any(call.answer["degraded"] for call in others.calls)
    assert others.slowest < 0.5
