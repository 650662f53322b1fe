"""Lists as spreadsheets export them and people paste them."""

import pytest

from customers.crm.lists import LONGEST_FIELD, ListError, decoded, delimiter_of, rows

TEXT = "id;name\r\n1;Zoë\r\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEXT.encode(), id="UTF-8"),
        pytest.param(("\ufeff" + TEXT).encode(), id="UTF-8 with its mark"),
        pytest.param(TEXT.encode("utf-16"), id="UTF-16, as Excel saves “Unicode text”"),
        pytest.param(TEXT.encode("cp1252"), id="Windows"),
    ],
)
def test_letters_are_read(content: bytes) -> None:
    assert decoded(content) == TEXT


def test_a_named_charset_counts() -> None:
    assert decoded("имя".encode("cp1251"), "cp1251") == "имя"
    with pytest.raises(ListError):
        decoded(b"\xff\xfe\xfa\x00"[2:], "utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"PK\x03\x04\x14\x00", "Excel", id="xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1", "old Excel", id="xls"),
        pytest.param(b"%PDF-1.7", "PDF", id="pdf"),
        pytest.param(b"\x1f\x8b\x08", "compressed", id="gzip"),
        pytest.param(b"\x00\x01\x02\x03", "not text", id="binary"),
    ],
)
def test_what_is_no_text_is_named(content: bytes, said: str) -> None:
    with pytest.raises(ListError, match=said):
        decoded(content)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2\n", ";"),
        ("a\tb\n1, x\t2\n", "\t"),
        ("phone\n+39021\n", ";"),
        pytest.param("a;b\r1;2\r", ";", id="lines as old Macs end them"),
        pytest.param("a;b\n" + "x" * 200_000 + "\n", ";", id="a line beyond all bounds"),
        ('name;phone\n"Rossi, Ada";1\n"Bianchi, Bo";2\n', ";"),
    ],
)
def test_the_mark_between_columns_is_found(text: str, mark: str) -> None:
    assert delimiter_of(text) == mark


def test_a_line_break_inside_quotes_belongs_to_the_value() -> None:
    found = list(rows('id,name\n1,"Ada\nLovelace"\n\n2,=1+1\n'))
    assert [row.values for row in found] == [{"id": "1", "name": "Ada\nLovelace"}, {"id": "2", "name": "=1+1"}]
    assert [row.line for row in found] == [2, 5]


def test_a_line_with_other_columns_is_told_apart() -> None:
    found = list(rows("a,b\n1,2\n1,2,3\n1\n", ","))
    assert [str(row.problem) for row in found] == [
        "",
        "has 3 columns instead of 2",
        "has 1 columns instead of 2",
    ]


def test_a_very_long_field_costs_its_line_only() -> None:
    found = list(rows(f"a,b\n1,{'x' * (LONGEST_FIELD + 1)}\n2,y\n", ","))
    assert "longer than" in str(found[0].problem)
    assert found[1].values == {"a": "2", "b": "y"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,a\n1,2\n", "name of its own"),
        ("a,\n1,2\n", "name of its own"),
        ('a,b\n1,"2\n3,4\n', "Line 2: a quotation mark"),
        (f"a,b\n1,{'x' * 200_000}\n", "far too long"),
        (",".join(f"c{n}" for n in range(300)) + "\n", "too many columns"),
    ],
)
def test_what_is_no_list_says_why(text: str, said: str) -> None:
    with pytest.raises(ListError, match=said):
        list(rows(text, ","))
