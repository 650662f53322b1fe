"""What a queue refuses when it is saved, in words and at the field, and its real agents per caller."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from queues.models import PhoneSystem, Queue, QueueState
from queues.ratio import ratio_in_words

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


@pytest.fixture
def pbx() -> PhoneSystem:
    return PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")


def refusals(queue: Queue) -> dict[str, str]:
    """Message by field."""
    with pytest.raises(ValidationError) as refused:
        queue.full_clean()
    return {field: " ".join(messages) for field, messages in refused.value.message_dict.items()}


def queue(**fields: Any) -> Queue:
    return Queue(**({"name": "VIP", "slug": "vip"} | fields))


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        pytest.param({"when_full": "announce"}, "full_address", "Say which extension", id="no extension when full"),
        pytest.param({"when_closed": "voicemail"}, "closed_address", "Say which extension", id="none when closed"),
        pytest.param(
            {"when_full": "announce", "full_address": "9001@elsewhere"},
            "full_address",
            "such as 8001",
            id="a host in it",
        ),
        pytest.param(
            {"when_closed": "announce", "closed_address": "9001"},
            "closed_address",
            "a number with country code",
            id="an extension without any phone system",
        ),
        pytest.param(
            {"is_emergency": True, "when_full": "reject"}, "is_emergency", "turns nobody away", id="an emergency queue"
        ),
        pytest.param({"skills": "italian, più"}, "skills", "letters, digits", id="skills beyond ASCII"),
        pytest.param({"skills": "a,b,c,d,e,f"}, "skills", "Up to five", id="six skills"),
        pytest.param(
            {"headers": "X-CC-Name: {customer.name}"}, "headers", "{customer.name}", id="a person in a header"
        ),
        pytest.param({"headers": "Via: me"}, "headers", "write X-CC-Name", id="a header that is not ours to send"),
        pytest.param({"agents_per_caller": 0}, "agents_per_caller", "0.01", id="no agents at all"),
        pytest.param({"promised_wait_s": 99999}, "promised_wait_s", "7200", id="an absurd promise"),
        pytest.param({"priority_class": 0}, "priority_class", "1", id="a class before the first"),
    ],
)
def test_refused_is(fields: dict[str, Any], field: str, words: str) -> None:
    found = refusals(queue(**fields))
    assert found.keys() == {field}
    assert words in found[field]


def test_everything_at_once_is_told_at_once() -> None:
    found = refusals(queue(skills="?", headers="?", when_full="announce"))
    assert found.keys() == {"skills", "headers", "full_address"}


def test_turning_away_needs_no_extension_and_a_number_needs_no_phone_system(pbx: PhoneSystem) -> None:
    queue(when_closed="reject", when_full="announce", full_address="+390299900001").full_clean()
    queue(phone_system=pbx, when_full="announce", full_address="9001").full_clean()


def test_skills_are_brought_into_their_form() -> None:
    vip = queue(skills=" Italian ,billing, italian")
    vip.full_clean()
    assert vip.skills == "italian,billing"


def test_callers_cannot_be_sent_round_in_circles() -> None:
    standard = Queue.objects.create(name="Standard", slug="standard")
    priority = Queue.objects.create(name="Priority", slug="priority", overflow_to=standard)
    vip = Queue.objects.create(name="VIP", slug="vip", overflow_to=priority)
    standard.overflow_to = vip
    assert "Standard → VIP → Priority → Standard" in refusals(standard)["overflow_to"]
    standard.overflow_to = None
    vip.full_clean()  # a chain that ends is none


@pytest.mark.parametrize(
    ("numbers", "target", "words"),
    [
        pytest.param(None, 2, "Not reported", id="nobody ever said"),
        pytest.param({"waiting": 4}, 2, "Not reported", id="half of it"),
        pytest.param({"waiting": 0, "agents_logged_in": 3}, 2, "Nobody waits; agents logged in: 3.", id="nobody waits"),
        pytest.param({"waiting": 4, "agents_logged_in": 3}, 2, "0.75, below the target of 2 ", id="too few"),
        pytest.param({"waiting": 4, "agents_logged_in": 8}, 2, "2, at least the target of 2 ", id="just enough"),
        pytest.param({"waiting": 4, "agents_logged_in": 2}, None, "0.50 (agents logged in: 2", id="no target"),
    ],
)
def test_the_real_ratio(numbers: dict[str, int] | None, target: float | None, words: str) -> None:
    now = timezone.now()
    vip = Queue.objects.create(name="VIP", slug="vip", agents_per_caller=target)
    if numbers is not None:
        QueueState.objects.create(queue=vip, statistics=numbers, as_of=now - timedelta(seconds=5))
    assert ratio_in_words(Queue.objects.get(), now).startswith(words)
    assert ratio_in_words(Queue.objects.get(), now + timedelta(hours=1)).startswith("Not reported")
