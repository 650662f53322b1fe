"""Where the variables of a decision came from and when: kept with the decision, and said on its page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from contactcenter.accounts.models import User
from customers.models import Customer, Handle, LoyaltyTier, TierOverride
from customers.sources.asking import Fetched
from routing import shipping, spool
from routing.admin.origins import missing, origins
from routing.contacts import Contact
from routing.models import Decision
from routing.release import Step
from tests.routing import documents, live_folder
from tests.routing.decide_server import ACCOUNT, GOLD, DecideServer

AT = datetime.now(UTC)
CALLER = "+393471234578"


def spooled(decide_server: DecideServer) -> dict[str, Any]:
    """The row of the call that was asked about last."""
    rows = decide_server.plane.spool.of_call(Contact(ACCOUNT, "call-1", live_folder.VOICE_NUMBER, GOLD))
    (row,) = rows.values()
    found: dict[str, Any] = orjson.loads(row)
    return found


def ask_with(decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch, fetched: Fetched) -> dict[str, Any]:
    """What is kept of a call whose fetch step ended so, and whose branch looks at a queue."""
    monkeypatch.setattr("routing.variables.run_steps", lambda *_: [(Step("crm", "crm", "replace"), fetched)])
    document = live_folder.demo_document()
    document["sources"]["crm"] = documents.good()["sources"]["crm"]
    flow = document["flows"]["priority-customers"]
    flow["steps"] = [{"slug": "crm", "source": "crm", "precedence": "replace"}]
    flow["branches"][0]["conditions"][0].append(documents.condition("queue.vip.waiting", "at_most", 9))
    state = {"queue:vip": {"statistics": {"waiting": 3}, "as_of": timezone.now().isoformat()}}
    decide_server.change(document=document, number=2, state=state)
    decide_server.ask(GOLD)
    return spooled(decide_server)


@pytest.mark.parametrize(
    ("fetched", "kept"),
    [
        pytest.param(Fetched("ok", {"id": "7"}, elapsed_ms=120), {"outcome": "ok", "ms": 120}, id="asked"),
        pytest.param(Fetched("ok", {"id": "7"}, age_s=40.2), {"outcome": "ok", "age_s": 40}, id="remembered"),
        pytest.param(
            Fetched("error", {"id": "7"}, age_s=720, stale=True, elapsed_ms=9),
            {"outcome": "stale", "age_s": 720},
            id="an earlier answer stood in",
        ),
        pytest.param(Fetched("timeout", elapsed_ms=800), {"outcome": "timeout", "ms": 800}, id="too slow"),
    ],
)
def test_a_decision_keeps_how_each_step_ended_and_of_when_the_statistics_are(
    decide_server: DecideServer, monkeypatch: pytest.MonkeyPatch, fetched: Fetched, kept: dict[str, Any]
) -> None:
    document = ask_with(decide_server, monkeypatch, fetched)
    assert document["origins"].pop("queue.vip").keys() == {"as_of"}
    assert document["origins"] == {"crm": {"source": "crm"} | kept}


def test_a_plain_call_keeps_nothing_more(decide_server: DecideServer) -> None:
    decide_server.ask(GOLD)
    assert "origins" not in spooled(decide_server)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "stored"),
    [
        pytest.param(GOLD, GOLD, id="as it is"),
        pytest.param(f"sip:{GOLD}@carrier.example.net", GOLD, id="in a SIP address"),
        pytest.param("02 5550 1001", GOLD, id="without country code, as in the country of the number called"),
        pytest.param("anonymous", "anonymous", id="hidden"),
    ],
)
def test_a_decision_is_stored_under_the_number_that_is_searched_for(
    decide_server: DecideServer, said: str, stored: str
) -> None:
    decide_server.ask(said)
    row = decide_server.plane.spool.of_call(Contact(ACCOUNT, "call-1", live_folder.VOICE_NUMBER, said))
    assert shipping.insert([spool.Row(1, spool.DECISION, *row.values())], "host") == set()
    assert Decision.objects.get().caller == stored


def decision(**fields: Any) -> Decision:
    variables = {"customer.known": True, "customer.identified_by": "caller", "customer.tier": "gold"}
    noted = {
        "queue.vip": {"as_of": AT.isoformat()},
        "crm": {"source": "crm", "outcome": "ok", "ms": 120, "filled": ["customer.plan"]},
        "orders": {"source": "shop", "outcome": "stale", "age_s": 720},
    }
    document = {"answer": {}, "variables": variables, "origins": noted}
    return Decision(caller=CALLER, decided_at=timezone.now(), document=document, **fields)


@pytest.fixture
def customer(db: None) -> Customer:
    tier = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=3)
    found = Customer.objects.create(name="Ada Bianchi", tier=tier)
    Handle.objects.create(customer=found, value=CALLER)
    return found


@pytest.mark.portable
@pytest.mark.parametrize(
    ("variable", "words"),
    [
        pytest.param("call.from", "From the call itself.", id="the caller's number"),
        pytest.param("call.context.menu", "(IVR)", id="what an IVR collected"),
        pytest.param("time.weekday", "clock", id="the day"),
        pytest.param("queue.vip.is_open", "opening hours", id="whether a queue is open"),
        pytest.param("queue.vip.waiting", "said at ", id="statistics of a moment"),
        pytest.param("queue.standard.waiting", "From the phone system.", id="statistics of a version before"),
        pytest.param("crm.status", "“crm”. It was asked and took 120 ms.", id="a step"),
        pytest.param("customer.plan", "“crm”", id="a fact that a step gave"),
        pytest.param("orders.count", "an earlier answer stood in. The answer was 12 min old.", id="a stale copy"),
        pytest.param("customer.tier", "record, last changed", id="a fact that the sync gave"),
        pytest.param("gone.status", "", id="a step that nothing is kept of"),
    ],
)
def test_it_is_said_where_a_value_came_from(customer: Customer, variable: str, words: str) -> None:
    said = origins(decision(), may_see_customer=True).of(variable)
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.portable
def test_it_is_said_that_the_customer_has_changed_since(customer: Customer) -> None:
    earlier = decision()
    earlier.decided_at = customer.updated_at - timedelta(minutes=5)
    assert "changed since" in origins(earlier, may_see_customer=True).of("customer.purchases")
    assert origins(earlier, may_see_customer=False).of("customer.purchases") == "From the customers we know."


@pytest.mark.portable
def test_it_is_said_who_gave_a_tier_by_hand(customer: Customer, supervisor: User) -> None:
    starts = timezone.now() - timedelta(hours=1)
    given = {"tier": customer.tier, "starts_at": starts, "reason": "Apology", "created_by": supervisor}
    TierOverride.objects.create(customer=customer, **given)
    known = origins(decision(), may_see_customer=True)
    assert known.of("customer.tier_rank") == "Given by hand by supervisor: Apology"
    assert "last changed" in known.of("customer.purchases")


@pytest.mark.portable
def test_what_was_missing_is_said_in_sentences() -> None:
    said = missing(decision(degraded=["facts:error", "crm:timeout", "crm:stale", "of_tomorrow"]), {}, ())
    assert [sentence.split()[0] for sentence in said] == ["The", "The", "The", "of_tomorrow"]
    assert "did not answer in time" in said[1]
