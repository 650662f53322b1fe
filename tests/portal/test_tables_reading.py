"""Files as they come: which can be read as a table, and what their numbers mean. No database."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from contactcenter.tables import reading, spelling
from contactcenter.tables.columns import Column, recognise
from contactcenter.tables.numbers import NUMBERS
from contactcenter.tables.workbook import as_text
from customers.crm.lists import ListError


def workbook(*lines: list[Any], sheets: tuple[str, ...] = ("Numbers",), merged: str = "") -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title in sheets:
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
        if merged:
            sheet.merge_cells(merged)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def bomb() -> bytes:
    """A workbook of some kilobytes whose texts would fill 65 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/sharedStrings.xml", b"0" * (65 * 1024 * 1024))
    return made.getvalue()


def zipped(**parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name.replace("__", "/") + ".xml", text)
    return made.getvalue()


def read(path: Path) -> list[dict[str, str]]:
    shape = reading.inspect(path)
    with reading.opened(path, shape, shape.sheets[0] if shape.sheets else "") as table:
        return [row.values for row in table.rows]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\xd0\xcf\x11\xe0....", "old Excel", id="an old Excel file"),
        pytest.param(b"\x00\x01\x02" * 50, "not text", id="a picture, say"),
        pytest.param(workbook(["number"], ["+390255501"])[:-400], "half uploaded", id="half a workbook"),
        pytest.param(zipped(readme="x"), "no Excel workbook", id="another zip file"),
        pytest.param(zipped(xl__workbook="<!DOCTYPE a [<!ENTITY a 'b'>]>"), "damaged", id="a workbook with entities"),
        pytest.param(bomb(), "too large", id="a zip bomb"),
        pytest.param(workbook(["number", "label"], ["+39", "x"], merged="A1:B1"), "merged", id="merged cells"),
        pytest.param(b"number;number\n1;2\n", "name of its own", id="two columns of one name"),
        pytest.param(b'number;label\n1;"a\n', "quotation mark", id="a quotation mark that stays open"),
    ],
)
def test_what_is_no_table_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ListError) as refused:
        read(path)
    assert said in str(refused.value)


def test_a_sheet_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(workbook(["number", "label", None], [390255501.0, "'=1+1"], [None, None], ["+39", True, None]))
    assert read(path) == [{"number": "390255501", "label": "=1+1"}, {"number": "+39", "label": "yes"}]
    assert as_text(0.5) == "0.5"


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        pytest.param("02 5550010", ["+39025550010"], id="without country code"),
        pytest.param("+44 (0)20-7946 0958", ["+442079460958"], id="brackets and dashes"),
        pytest.param("+1 212 555-1234", ["+12125551234"], id="a dash is not a range"),
        pytest.param("+3902555 08-10", ["+390255508", "+390255509", "+390255510"], id="two ends"),
        pytest.param(
            "+39 02 5550 0009-0011", ["+390255500009", "+390255500010", "+390255500011"], id="two ends of four digits"
        ),
        pytest.param("02 55500009-11", ["+390255500009", "+390255500010", "+390255500011"], id="the end alone"),
        pytest.param("+81 3 1234-5678", ["+81312345678"], id="four digits on both sides that are one number"),
        pytest.param("+39 02 12345-67", ["+39021234567"], id="a dash before an extension"),
        pytest.param("+390255509..10", ["+390255509", "+390255510"], id="dots and the end"),
        pytest.param("+390255509 - +390255510", ["+390255509", "+390255510"], id="first and last"),
        pytest.param("40404", ["40404"], id="a short code"),
    ],
)
def test_numbers_are_read_in_any_usual_notation(written: str, numbers: list[str]) -> None:
    assert spelling.phones(written, "IT") == numbers


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        pytest.param("3.90255E+11", spelling.SHORTENED, id="Excel has shortened it"),
        pytest.param("3,90255E+11", spelling.SHORTENED, id="Excel has shortened it in Italian"),
        pytest.param("212345678", spelling.ZERO_LOST, id="the leading zero is lost"),
        pytest.param("442079460958", spelling.PLUS_LOST, id="the plus is lost"),
        pytest.param("390212345678.0", spelling.DECIMAL, id="it became a decimal number"),
        pytest.param("+390255599..00", spelling.BACKWARDS, id="the range runs backwards"),
        pytest.param("+390255500000..99999", spelling.TOO_LARGE, id="the range is too large"),
        pytest.param("+3902555000 - +39025550011", spelling.UNEVEN, id="the ends have different lengths"),
        pytest.param("hello", spelling.NOT_A_NUMBER, id="a word"),
        pytest.param("", spelling.NOT_A_NUMBER, id="nothing"),
    ],
)
def test_a_number_that_cannot_be_trusted_is_refused(written: str, fault: str) -> None:
    with pytest.raises(spelling.Misspelt) as refused:
        spelling.phones(written, "IT")
    assert refused.value.fault == fault


def test_columns_are_recognised_by_our_names_and_by_their_labels() -> None:
    header = ["Number", "default_queue", "PROVIDER ACCOUNT", "number ", "colour"]
    assert recognise(header, NUMBERS.columns()) == ["address", "default_queue", "account", "", ""]


def test_an_address_is_recognised_by_its_kind() -> None:
    columns = [Column("name", "Name"), Column("handle:phone", "Phone number", may_repeat=True)]
    assert recognise(["Phone", "Name"], columns) == ["handle:phone", "name"]
