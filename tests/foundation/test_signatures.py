"""What we sign comes back unaltered, or is not taken."""

import pytest

from contactcenter.foundation.signatures import is_signed, sign

KEY = b"key"


def test_a_signature_is_ours() -> None:
    assert is_signed(sign(KEY, "after", "a", "b"), KEY, "after", "a", "b")


@pytest.mark.parametrize(
    ("key", "purpose", "parts"),
    [
        pytest.param(b"other", "after", ("ab", "c"), id="another key"),
        pytest.param(KEY, "link", ("ab", "c"), id="made for another purpose"),
        pytest.param(KEY, "after", ("ab", "d"), id="another part"),
        pytest.param(KEY, "after", ("a", "bc"), id="the same letters, divided otherwise"),
        pytest.param(KEY, "after", ("ab", "c", ""), id="one part more"),
    ],
)
def test_a_signature_is_good_for_one_thing_only(key: bytes, purpose: str, parts: tuple[str, ...]) -> None:
    assert not is_signed(sign(KEY, "after", "ab", "c"), key, purpose, *parts)


@pytest.mark.parametrize("signature", ["", "é", "\ud800", "0" * 32])
def test_nonsense_is_no_signature(signature: str) -> None:
    assert not is_signed(signature, KEY, "after", "a")
