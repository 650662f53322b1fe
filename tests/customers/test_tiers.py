"""Which tier counts when: the CRM's, unless an override is in force."""

from datetime import UTC, datetime

import pytest

from customers.tiers import tier_at

NOON = "2026-06-01T12:00:00+00:00"
DUSK = "2026-06-01T18:00:00+00:00"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, 1, hour, minute, tzinfo=UTC)


FOR_THE_AFTERNOON = {"tier": "silver", "spans": [{"tier": "gold", "from": NOON, "until": DUSK}]}
FROM_NOON_ON = {"tier": "silver", "spans": [{"tier": "gold", "from": NOON}]}
TWO_AT_ONCE = {
    "tier": "silver",
    "spans": [{"tier": "platinum", "from": DUSK}, {"tier": "gold", "from": NOON}],
}


@pytest.mark.parametrize(
    ("facts", "moment", "tier"),
    [
        pytest.param({}, at(12), None, id="no tier at all"),
        pytest.param({"tier": "silver"}, at(12), "silver", id="the CRM's tier"),
        pytest.param(FOR_THE_AFTERNOON, at(11, 59), "silver", id="before the override"),
        pytest.param(FOR_THE_AFTERNOON, at(12), "gold", id="from its first moment"),
        pytest.param(FOR_THE_AFTERNOON, at(17, 59), "gold", id="up to its end"),
        pytest.param(FOR_THE_AFTERNOON, at(18), "silver", id="not at its end"),
        pytest.param(FROM_NOON_ON, at(23), "gold", id="without an end"),
        pytest.param(TWO_AT_ONCE, at(13), "gold", id="the later one has not begun"),
        pytest.param(TWO_AT_ONCE, at(19), "platinum", id="of two in force the one that started last"),
        pytest.param({"spans": FOR_THE_AFTERNOON["spans"]}, at(13), "gold", id="an override without a CRM tier"),
        pytest.param({"spans": FOR_THE_AFTERNOON["spans"]}, at(19), None, id="and nothing after it"),
    ],
)
def test_tier_at(facts: dict[str, object], moment: datetime, tier: str | None) -> None:
    assert tier_at(facts, moment) == tier
