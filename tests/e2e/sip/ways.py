"""The release behind the calls: customers of five tiers, and a number for each way that a call may go."""

from dataclasses import dataclass
from typing import Any

from tests.routing import live_folder
from tests.routing.documents import branch, is_one_of, queue

TIERS = ("bronze", "silver", "gold", "platinum", "diamond")
PEOPLE = {f"+3902555010{place:02}": tier for place, tier in enumerate(TIERS, start=1)}
"""One customer of each tier by phone number."""

DIAMOND, PLATINUM, GOLD, SILVER, BRONZE = reversed(PEOPLE)
STRANGER, O_BRIEN = "+390255509999", "o'brien"
BY_TIER = {"diamond": "vip", "platinum": "vip", "gold": "priority", "silver": "priority"}
"""The queue that a tier asks for; all others take the last path."""


@dataclass(frozen=True)
class Way:
    """Where a number's best customers go: a VIP queue at these hosts, or a phone, which ring for so long at most."""

    hosts: tuple[str, ...] = ()
    rings_s: int = 10
    phone: str = ""
    overflows: bool = True


def queue_of(caller: str) -> str:
    """Where `caller` belongs."""
    return BY_TIER.get(PEOPLE.get(caller, ""), "standard")


def document(main: str, ways: dict[str, Way], numbers: dict[str, str]) -> live_folder.Document:
    """One flow for each way, all by tier; the priority and the standard queue stand at `main`."""
    made = live_folder.demo_document()
    made["tiers"] = {slug: {"name": slug, "rank": rank} for rank, slug in enumerate(TIERS, start=1)}
    made["queues"] = {
        "priority": queue("Priority", "priority", phone_system="main", overflow_to="standard", priority_class=2),
        "standard": queue("Standard", "standard", phone_system="main"),
    }
    made["phone_systems"], made["flows"], made["numbers"] = {}, {}, {}
    for name, way in ways.items():
        made["phone_systems"][name] = live_folder.phone_system(*way.hosts or (main,), answer_timeout_s=way.rings_s)
        vip = "vip" if name == "main" else f"vip-{name}"
        made["queues"][vip] = _vip_queue(name, vip, way)
        made["flows"][name] = {
            "name": name,
            "steps": [],
            "branches": [
                branch("best", "Best customers", vip, is_one_of("platinum", "diamond")),
                branch("good", "Good customers", "priority", is_one_of("silver", "gold")),
            ],
            "last_path": "standard",
        }
        made["numbers"][f"voice:{numbers[name]}"] = live_folder.called_number(name, flow=name)
    return made


def _vip_queue(name: str, address: str, way: Way) -> dict[str, Any]:
    made = queue("VIP", address, phone_system=name, priority_class=1, head_start_s=300)
    if way.overflows:
        made["overflow_to"] = "priority"
    if way.phone:
        made |= {"voice_kind": "phone", "voice_address": way.phone}
    return made
