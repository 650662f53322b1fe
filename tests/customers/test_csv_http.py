"""A CSV file on a web server: read in parts, in any letters, and not at all when it is the same as before."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from customers import sync
from customers.admin import run_progress
from customers.crm import CONNECTORS, ConnectionConfig, CrmRejected, CrmUnavailable, asking, csv_file
from customers.models import CrmConnection, Customer, FieldMapping, LoyaltyTier, Safeguards, SyncRun, TierMapping
from tests.customers.file_server import FileServer, serve

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PEOPLE = [(str(n), f'Zoë "{n}"\n=1+1' if n % 3 else "", "gold" if n % 2 else "silver") for n in range(1, 41)]


def text(people: list[tuple[str, str, str]] = PEOPLE, mark: str = ";", end: str = "\r\n") -> str:
    """As a spreadsheet writes it: a line break and quotation marks within a value, an empty line at the end."""
    lines = [mark.join(['"' + cell.replace('"', '""') + '"' for cell in person]) for person in people]
    return end.join(["id" + mark + "name" + mark + "tier", *lines, "", ""])


@pytest.fixture
def files(tmp_path: Path) -> Iterator[FileServer]:
    with serve(tmp_path) as running:
        write(running, text().encode())
        yield running


def write(files: FileServer, content: bytes, at: int = 1_700_000_000) -> None:
    """Put a file there as another state: web servers tell them apart by time and size."""
    draft = files.folder / "draft"
    draft.write_bytes(content)
    os.utime(draft, (at, at))
    draft.replace(files.file)


def read(files: FileServer, **options: str) -> list[Any]:
    """All parts, each by a connector of its own."""
    config = ConnectionConfig(url=files.url, options=options)
    records: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = type(CONNECTORS["csv"])().fetch_page(config, cursor, None, NOW)
        records, cursor = records + page.records, page.next_cursor
    return records


def as_read(people: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [dict(zip(("id", "name", "tier"), person, strict=True)) for person in people]


@pytest.mark.parametrize("size", [101, 128, 257, 1000, 100_000], ids=lambda size: f"parts of {size} bytes")
def test_every_row_is_read_once(files: FileServer, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(csv_file, "PART", size)
    assert read(files) == as_read(PEOPLE)
    assert {status for *_, status in files.asked} == {"206"}
    assert len(files.asked) >= files.file.stat().st_size / size


@pytest.mark.parametrize(
    ("content", "options"),
    [
        pytest.param(("\ufeff" + text()).encode(), {}, id="UTF-8 with its mark"),
        pytest.param(text().encode("cp1252"), {}, id="Windows, found out"),
        pytest.param(text(mark="|").encode("cp1252"), {"charset": "cp1252", "delimiter": "bar"}, id="as it is said"),
        pytest.param(text(mark="\t", end="\r").encode(), {}, id="tabs, and lines as old Macs end them"),
        pytest.param(text(mark=",", end="\n").encode("utf-16"), {}, id="UTF-16, which is read as a whole"),
    ],
)
def test_letters_and_marks(
    files: FileServer, monkeypatch: pytest.MonkeyPatch, content: bytes, options: dict[str, str]
) -> None:
    monkeypatch.setattr(csv_file, "PART", 200)
    write(files, content)
    assert read(files, **options) == as_read(PEOPLE)


def test_letters_of_two_bytes(files: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "PART", 150)
    people = [(str(n), "山田 太郎ソ", "金") for n in range(1, 30)]
    write(files, text(people).encode("shift_jis"))
    assert read(files, charset="shift_jis") == as_read(people)


def test_a_bad_line_costs_only_itself(files: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "PART", 60)
    write(files, b"id;name\n1;Ada\n2;Bo;too many\n" + b"3;Cy\n" * 20)
    assert read(files)[:3] == [{"id": "1", "name": "Ada"}, {}, {"id": "3", "name": "Cy"}]


@pytest.mark.parametrize("has_states", [True, False])
def test_a_server_without_parts_gives_the_whole_file(files: FileServer, has_states: bool) -> None:
    files.has_parts, files.has_states = False, has_states
    assert read(files) == as_read(PEOPLE)
    assert [status for *_, status in files.asked] == ["200"]


def test_a_file_without_a_name_for_its_state_is_read_as_a_whole(
    files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "PART", 200)
    files.has_states = False
    assert read(files) == as_read(PEOPLE)
    assert [status for *_, status in files.asked] == ["206", "200"]


def test_a_file_too_large_to_come_as_a_whole_says_what_its_server_lacks(
    files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LARGEST_PAGE", 500)
    files.has_parts = False
    with pytest.raises(CrmRejected, match="does not hand it out in parts"):
        read(files)


def test_a_file_that_is_replaced_in_between_is_not_mixed_with_the_new_one(
    files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "PART", 200)
    files.before_answer = lambda: write(files, text().encode(), at=1_700_000_000 + len(files.asked))
    with pytest.raises(CrmRejected, match="replaced"):
        read(files)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(text().encode()[:-40], CrmUnavailable, id="in a value: it is being written"),
        pytest.param(b"id;name\n1;Ada\n2", CrmUnavailable, id="in a line: it is being written"),
        pytest.param(b'id;name\n1;"' + b"x" * 900, CrmRejected, id="with a quotation mark open for too long"),
        pytest.param(b"id;name;" + b"x" * 900, CrmRejected, id="without an end of its first line"),
    ],
)
def test_a_file_that_breaks_off(
    files: FileServer, monkeypatch: pytest.MonkeyPatch, content: bytes, error: type[Exception]
) -> None:
    monkeypatch.setattr(csv_file, "PART", 500)
    write(files, content)
    with pytest.raises(error):
        read(files)


def test_an_empty_file_has_nobody(files: FileServer) -> None:
    write(files, b"")
    assert read(files) == []


@pytest.mark.parametrize("cursor", ["x", "[]", '[1, "", "", "", "", ""]', "7"])
def test_a_cursor_that_is_none_is_refused(files: FileServer, cursor: str) -> None:
    with pytest.raises(CrmRejected):
        CONNECTORS["csv"].fetch_page(ConnectionConfig(url=files.url), cursor, None, NOW)


@pytest.fixture
def made(files: FileServer, db: None, monkeypatch: pytest.MonkeyPatch) -> CrmConnection:
    """A connection to the file, which is read in several parts."""
    monkeypatch.setattr(csv_file, "PART", 700)
    gold = LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    connection = CrmConnection.objects.create(name="File", slug="file", connector="csv", url=files.url)
    FieldMapping.objects.create(connection=connection, target="tier", expression="tier")
    for word in ("gold", "silver"):
        TierMapping.objects.create(connection=connection, value=word, tier=gold)
    Safeguards.objects.create(connection=connection, deleted_percent=100, tier_lost_percent=100)
    return connection


def run_of(made: CrmConnection, files: FileServer) -> SyncRun:
    """A sync worked to its end, with `files.asked` of it alone."""
    files.asked.clear()
    run = sync.start(CrmConnection.objects.get(pk=made.pk), "manual")
    sync.step(run.pk, monotonic() + 60)
    run.refresh_from_db()
    assert run.state == "succeeded", run.error
    return run


def test_a_file_that_is_the_same_is_not_read_a_third_time(files: FileServer, made: CrmConnection) -> None:
    assert [run_of(made, files).read for _night in range(2)] == [40, 40]
    third = run_of(made, files)
    assert (third.read, [status for *_, status in files.asked]) == (0, ["304"])
    assert "Nothing has changed" in run_progress.progress(third, NOW)["words"]
    assert Customer.objects.exclude(tier=None).count() == 40
    write(files, text([*PEOPLE[:39], ("40", "Bo", "gold"), ("41", "Cy", "gold")]).encode())
    assert (run_of(made, files).read, Customer.objects.count()) == (41, 41)


def test_who_is_not_in_the_file_any_more_is_gone_though_it_stays_the_same(
    files: FileServer, made: CrmConnection
) -> None:
    for _night in range(3):
        run_of(made, files)
    write(files, text(PEOPLE[:35]).encode())
    for _night in range(3):
        run_of(made, files)
    assert Customer.objects.filter(tier=None).count() == 5
    assert files.asked[0][2] == "304"


def test_another_mapping_or_other_letters_read_the_file_anew(files: FileServer, made: CrmConnection) -> None:
    for _night in range(3):
        run_of(made, files)
    FieldMapping.objects.create(connection=made, target="name", expression="id")
    assert run_of(made, files).read == 40
    run_of(made, files)
    made.options = {"charset": "cp1252"}
    made.save()
    assert run_of(made, files).read == 40
