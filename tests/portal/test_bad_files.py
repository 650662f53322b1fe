"""Broken workbooks are refused in words, and no name breaks an export or runs in the spreadsheet that opens it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import Settings

from contactcenter.tables.models import TableImport
from customers.models import AttributeDefinition, Customer
from tests.portal.test_tables_reading import workbook

pytestmark = pytest.mark.django_db

LOCAL, CENTRAL = (b"PK\x03\x04", 6), (b"PK\x01\x02", 8)
"""How an entry of a zip file begins, at its two places, and where its flags follow; the method is behind them."""

Broken = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path


def marked(offset: int, value: int) -> Broken:
    """Every entry of the zip file with `value` where its flags (0) or its method (2) stand."""

    def mark(content: bytes) -> bytes:
        changed = bytearray(content)
        for start, flags in (LOCAL, CENTRAL):
            at = content.find(start)
            while at >= 0:
                changed[at + flags + offset] = value
                at = content.find(start, at + 4)
        return bytes(changed)

    return mark


def scrambled(name: bytes) -> Broken:
    """The part of this name with other bytes than were packed."""

    def scramble(content: bytes) -> bytes:
        begin = content.find(name) + len(name) + 2
        return content[:begin] + bytes(byte ^ 0x5A for byte in content[begin : begin + 60]) + content[begin + 60 :]

    return scramble


def ends_wrong(content: bytes) -> bytes:
    """A sheet whose beginning is as it was, and whose end is not: only its checksum tells."""
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(packed, "w", ZIP_STORED) as after:
        for each in before.infolist():
            after.writestr(each.filename, before.read(each) + b" " * 4096)
    return packed.getvalue().replace(b" " * 4096, b" " * 4095 + b"<", 10)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(marked(0, 1), id="a zip file with a password"),
        pytest.param(marked(2, 99), id="packed in a way that nobody knows"),
        pytest.param(scrambled(b"xl/workbook.xml"), id="a workbook that cannot be unpacked"),
        pytest.param(scrambled(b"xl/worksheets/sheet1.xml"), id="a sheet that cannot be unpacked"),
        pytest.param(ends_wrong, id="a sheet that is damaged at its end"),
        pytest.param(lambda content: content[: len(content) // 2], id="half a file"),
    ],
)
def test_a_broken_workbook_is_refused_in_words(broken: Broken, admin_client: Client) -> None:
    file = SimpleUploadedFile("queues.xlsx", broken(workbook(["name", "slug"], ["Gold", "gold"])))
    answer = admin_client.post(reverse("tables_hand_in", args=["queues"]), {"file": file})
    assert "The file is damaged" in answer.content.decode()
    assert not TableImport.objects.exists()


def test_no_name_breaks_an_export_or_runs_in_a_spreadsheet(admin_client: Client) -> None:
    AttributeDefinition.objects.create(key="shoe", label='=HYPERLINK("http://example.com")')
    names = ["=1+1", "+1", "-1", "@SUM(1)", "\ttab", "bell\x07 and \x1f", "=1\n=2", '"><script>']
    for name in names:
        Customer.objects.create(name=name, updated_at=timezone.now())
    export = reverse("tables_export", args=["customers"])
    answer = admin_client.post(export, {"format": "xlsx", "query": ""})
    sheet: Any = load_workbook(io.BytesIO(answer.getvalue())).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}, "a formula"
    assert {"=1+1", "bell and ", '=HYPERLINK("http://example.com")'} <= {cell.value for cell in cells}
    text = admin_client.post(export, {"format": "csv", "query": ""}).getvalue().decode()
    assert not any(f'"{mark}' in text for mark in "=+-@\t")
