"""How long a call may ring before somebody else is tried."""

import pytest

from queues.ringing import ring_s


@pytest.mark.parametrize(
    ("answers_at_once", "queue_s", "promised_wait_s", "seconds"),
    [
        pytest.param(True, None, None, 10, id="who answers at once is given the system's seconds"),
        pytest.param(True, None, 600, 10, id="who answers at once need not ring for as long as callers wait"),
        pytest.param(True, 4, None, 4, id="the queue's own seconds count more"),
        pytest.param(
            False, None, 60, 90, id="who rings until an agent answers rings half a minute longer than promised"
        ),
        pytest.param(False, None, None, 930, id="without a promise for a quarter of an hour, and half a minute"),
        pytest.param(False, 45, 600, 45, id="seconds set by hand count, however short: publishing warns of them"),
    ],
)
def test_a_call_rings_for(
    answers_at_once: bool, queue_s: int | None, promised_wait_s: int | None, seconds: int
) -> None:
    assert (
        ring_s(answers_at_once=answers_at_once, queue_s=queue_s, system_s=10, promised_wait_s=promised_wait_s)
        == seconds
    )
