"""The customers of the demo CRM: the same thousand for the same seed, a few of them well known.

The well-known ones call from numbers worth remembering, one for each tier. The last three records are
bad on purpose: they show what a sync sets aside, and why.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

GOLD = "+390255501001"
PLATINUM = "+390255501002"
SILVER = "+390255501003"
BRONZE = "+390255501004"
STRANGER = "+390255509999"
"""Nobody's number: a caller that the CRM does not know."""

Record = dict[str, Any]

_FIRST = ["Anna", "Luca", "Giulia", "Marco", "Sofia", "Jonas", "Lena", "Paul", "Claire", "Hugo", "Putri", "Omar"]
_LAST = ["Rossi", "Bianchi", "Ferrari", "Schmidt", "Weber", "Martin", "Dubois", "Santoso", "Haddad", "Moretti"]
_PLANS = ["basic", "plus", "business"]
_CATEGORIES = ["retail", "hospitality", "industry", "public"]
_MANAGERS = ["anna-rossi", "jonas-weber"]
# A fifth of the customers brings four fifths of the revenue.
_STATUSES = ["platinum"] * 4 + ["gold"] * 16 + ["silver"] * 25 + ["bronze"] * 55
_WORTH = {"platinum": 900_000, "gold": 350_000, "silver": 40_000, "bronze": 8_000}
_FIRST_CHANGE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Country:
    """How numbers of one country look: in full, and as people there write them."""

    language: str
    code: str
    prefix: str
    trunk: str

    def full(self, line: int) -> str:
        return f"{self.code}{self.prefix}{line:07d}"

    def national(self, line: int) -> str:
        return f"{self.trunk}{self.prefix} {line:07d}"


ITALY = Country("it", "+39", "02", "")
GERMANY = Country("de", "+49", "30", "0")
FRANCE = Country("fr", "+33", "14", "0")


def people(count: int, seed: int) -> list[Record]:
    """`count` records as the CRM lists them, in order of id; at least the well-known and the bad ones."""
    random = Random(seed)
    ordinary = max(count - len(_well_known()) - len(_bad()), 0)
    drawn = [_drawn(number, random) for number in range(ordinary)]
    records = [*_well_known(), *drawn, *_bad()]
    return [_numbered(index, record) for index, record in enumerate(records, start=1)]


def _numbered(index: int, record: Record) -> Record:
    changed = _FIRST_CHANGE + timedelta(minutes=index)
    return {"id": f"C-{index:06d}", **record, "updated_at": changed.isoformat()}


def _well_known() -> list[Record]:
    return [
        _record("Giulia Oro", GOLD, "Gold", 42, "business", "hospitality", "anna-rossi", "it"),
        _record("Marco Platino", PLATINUM, "PLATINUM", 120, "business", "industry", "jonas-weber", "it"),
        _record("Sofia Argento", SILVER, "silver", 12, "plus", "retail", "", "it"),
        _record("Luca Bronzo", BRONZE, "bronze", 2, "basic", "retail", "", "it"),
    ]


def _drawn(number: int, random: Random) -> Record:
    country = random.choice([ITALY, ITALY, ITALY, GERMANY, FRANCE])
    line = 6_000_000 + number
    # Some Italian numbers are written as people write them; a sync reads them with the CRM's country.
    written = country.national(line) if country is ITALY and random.random() < 0.2 else country.full(line)
    name = f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    status = random.choice(_STATUSES)
    manager = random.choice(_MANAGERS) if status in ("gold", "platinum") else ""
    orders = random.randint(1, 60)
    plan, category = random.choice(_PLANS), random.choice(_CATEGORIES)
    return _record(name, written, status, orders, plan, category, manager, country.language)


def _bad() -> list[Record]:
    good = _record("Rosa Rotta", "+390255502001", "gold", 3, "basic", "retail", "", "it")
    return [
        good | {"phones": [{"kind": "office", "number": "ask at the desk"}]},
        good | {"phones": [{"kind": "office", "number": "+390255502002"}], "loyalty": {"status": "diamond"}},
        good | {"phones": [{"kind": "office", "number": "+390255502003"}], "lifetime_value": "about 3000"},
    ]


def _record(
    name: str, phone: str, status: str, orders: int, plan: str, category: str, manager: str, language: str
) -> Record:
    worth = _WORTH[status.lower()]
    return {
        "name": name,
        "phones": [{"kind": "mobile", "number": phone}],
        "loyalty": {"status": status, "points": orders * 10},
        "order_count": orders,
        "order_volume": worth + orders * 990,
        "lifetime_value": worth * 2,
        "plan": plan,
        "account_level": f"level {min(orders // 20 + 1, 3)}",
        "category": category,
        "account_manager": manager,
        "language": language,
    }
