"""The configuration as text: the same bytes for the same document, and no surprise in reading them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.config_file import FileError, read, write
from tests.routing.documents import GOOD

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def test_a_document_survives_its_file() -> None:
    assert read(write(GOOD)) == GOOD
    assert write(read(write(GOOD))) == write(GOOD)


def test_the_order_in_which_a_document_was_put_together_does_not_show() -> None:
    assert write(dict(reversed(GOOD.items()))) == write(GOOD)


@settings(max_examples=40)
@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_whatever_a_document_holds_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    assert read(write(document)) == document


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("opens: 10:30", "10:30", id="a time stays a time"),
        pytest.param("first_day: 2026-12-25", "2026-12-25", id="a day stays a word"),
        pytest.param("name: no", "no", id="no stays a word"),
        pytest.param("slug: 0800", "0800", id="an extension keeps its zero"),
        pytest.param("rank: 3", 3, id="a number is one"),
        pytest.param("answers_at_once: true", True, id="true is true"),
        pytest.param("name: Più", "Più", id="letters are what they are"),
    ],
)
def test_what_a_person_writes_means_what_he_means(line: str, value: object) -> None:
    assert next(iter(read(line).values())) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "queues:\n  vip: 1\n  vip: 2\n", "Line 3, column 3: “vip” stands twice", id="a name that stands twice"
        ),
        pytest.param("a: &x [1]\nb: *x\n", "anchors and aliases are not read", id="an anchor"),
        pytest.param("a: [1\nb: 2", "Line 2", id="a bracket that is not closed"),
        pytest.param("- 1\n- 2\n", "begins with names", id="a list"),
        pytest.param("", "begins with names", id="nothing"),
        pytest.param("[1]: 2", "a name is a word", id="a name that is a list"),
        pytest.param("a: !!python/object/apply:os.system ['true']", "Line 1", id="a value that would run"),
        pytest.param("a: \x00", "cannot be read", id="a byte that is no letter"),
        pytest.param("[" * 600, "cannot be read", id="six hundred brackets"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(FileError, match=words.replace("[", r"\[")):
        read(text)
