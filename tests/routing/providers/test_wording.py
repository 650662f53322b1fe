"""A supervisor reads what a provider can do, in full sentences."""

import pytest

from routing.providers import DIALECTS, wording
from routing.providers.base import Dialect


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_each_dialect_is_put_into_sentences(dialect: Dialect) -> None:
    said = wording.lines(dialect)
    assert len(said) == (7 if "voice" in dialect.channels else 3)
    assert all(line[0].isupper() and line.endswith(".") and "%" not in line for line in said)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("twilio", "Reaches: extensions of a phone system, phone numbers, queues of the provider's own."),
        ("twilio", "The caller can be named by: callerId."),
        ("twilio", "A target rings as long as its queue says."),
        ("twilio", "Comes back when a target is busy, fails or does not answer, and is told the next one."),
        ("twilio", "Signs its requests; asked twice for the same, we answer the same."),
        ("telnyx", "A target rings as long as its queue says, but never longer than 120 seconds."),
        ("telnyx", "Signs its requests; a signature is good for 5 minutes."),
        ("native", "Does not sign its requests: a key or password proves them."),
        ("native", "Gets the overflow with the answer, and tries it by itself."),
        ("sip_proxy", "Answered within 0.4 seconds, come what may."),
        ("bird", "Our headers do not reach the phone system."),
    ],
)
def test_what_matters_is_said(slug: str, sentence: str) -> None:
    assert sentence in wording.lines(DIALECTS[slug])
