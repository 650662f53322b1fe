"""What a decide process remembers of data sources' answers goes with the first word of an erasure."""

from pathlib import Path

import pytest

from contactcenter.foundation import changes
from contactcenter.privacy import erasing
from customers.models import Customer
from customers.privacy.person import person_of
from customers.sources.asking import MEMORY
from customers.sources.memory import Copy
from routing.courier import carry_once
from routing.live import Live

pytestmark = [pytest.mark.portable, pytest.mark.django_db]


def test_answers_of_sources_are_forgotten_once(mario: Customer, live_dir: Path) -> None:
    live = Live(live_dir)
    live.refresh()
    MEMORY.forget()
    MEMORY.keep(b"question", Copy("ok", {"email": "m"}, 0.0))
    changes.mark(changes.STATE, ["queue:vip"])
    carry_once(live_dir, "here")
    live.refresh()
    assert len(MEMORY) == 1, "another change leaves them alone"
    erasing.begin(person_of([mario.pk]))
    carry_once(live_dir, "here")
    live.refresh()
    assert len(MEMORY) == 0
    MEMORY.keep(b"question", Copy("ok", {"email": "m"}, 0.0))
    live.refresh()
    assert len(MEMORY) == 1
    MEMORY.forget()
