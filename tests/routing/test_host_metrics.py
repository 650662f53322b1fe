"""What `/metrics` of the decide server says of its host: the spool, and the courier's report."""

import re
import sqlite3
from pathlib import Path

import pytest
from django.test import Client

from contactcenter.foundation import changes
from routing import courier, courier_report, host_metrics, livefile, salvage, spool
from routing.models import Release
from tests.routing import live_folder
from tests.routing.decide_server import DecideServer, decide_server
from tests.routing.documents import Document, source

__all__ = ["decide_server"]


def shown(server: DecideServer) -> dict[str, float]:
    """The page's figures by name and labels."""
    page = Client().get("/metrics").content.decode()
    return {name: float(value) for name, value in re.findall(r"^(\S+) (\S+)$", page, re.MULTILINE)}


def report(folder: Path) -> host_metrics.Report:
    found = host_metrics.read(folder)
    assert found is not None
    return found


def test_what_was_decided_is_backlog_until_it_is_shipped(decide_server: DecideServer) -> None:
    for number in range(3):
        decide_server.ask(call_id=f"call-{number}")
    assert shown(decide_server)["routing_spool_backlog"] == 3
    with spool.courier_end(decide_server.folder / "spool.sqlite3") as rows:
        spool.mark_shipped(rows, [1, 2])
    assert shown(decide_server)["routing_spool_backlog"] == 1


def test_a_courier_that_never_came_has_been_silent_for_ever(decide_server: DecideServer) -> None:
    assert shown(decide_server)["routing_courier_round_age_seconds"] == float("inf")


def test_a_damaged_report_does_not_cost_the_page(decide_server: DecideServer) -> None:
    host_metrics.report_path(decide_server.folder).write_bytes(b'{"at": 1, "unknown": 2}')
    assert shown(decide_server)["routing_courier_round_age_seconds"] == float("inf")


@pytest.mark.django_db(transaction=True)
@pytest.mark.portable
def test_the_courier_says_what_it_carried_and_what_it_could_not(decide_server: DecideServer) -> None:
    folder = decide_server.folder
    Release.objects.create(number=1, document="{}", sha256="", note="")
    courier.carry_once(folder, "here")
    figures = shown(decide_server)
    assert 0 <= figures["routing_courier_round_age_seconds"] < 5
    assert 0 <= figures["routing_facts_age_seconds"] < 5
    assert 0 <= figures["routing_release_age_seconds"] < 60
    assert (figures["routing_courier_lag_changes"], figures["routing_spool_set_aside"]) == (0, 0)

    decide_server.ask(call_id="refused by the database")
    with spool.courier_end(folder / "spool.sqlite3") as rows:
        spool.mark_shipped(rows, [1], state=spool.SET_ASIDE)
    changes.mark(changes.FACTS, ["phone:+390000000001", "phone:+390000000002"])
    caught_up_at = report(folder).caught_up_at
    _write_at_once(folder)
    figures = shown(decide_server)
    assert (figures["routing_courier_lag_changes"], figures["routing_spool_set_aside"]) == (2, 1)
    assert report(folder).caught_up_at == caught_up_at  # facts grow old from here on


@pytest.mark.django_db(transaction=True)
@pytest.mark.portable
def test_damage_of_both_files_is_counted_and_stays_counted(decide_server: DecideServer) -> None:
    folder = decide_server.folder
    courier.carry_once(folder, "here")
    figures = shown(decide_server)
    assert (figures["routing_live_files_replaced"], figures["routing_spools_damaged"]) == (0, 0)

    changes.mark(changes.FACTS, ["phone:+390000000001"])
    courier.carry_once(folder, "here")
    livefile.complain(folder, salvage.inode(livefile.path_in(folder)))
    decide_server.ask(call_id="a")
    path = folder / "spool.sqlite3"
    salvage.set_aside(path, salvage.inode(path))
    for _ in range(2):
        courier.carry_once(folder, "here")
        _write_at_once(folder)
    figures = shown(decide_server)
    assert (figures["routing_live_files_replaced"], figures["routing_spools_damaged"]) == (1, 1)


def _write_at_once(folder: Path) -> None:
    """A report although there was one a moment ago."""
    text = host_metrics.report_path(folder).read_text()
    at = report(folder).at
    host_metrics.report_path(folder).write_text(text.replace(f'"at":{at!r}', f'"at":{at - 10!r}', 1))
    courier_report.write(folder)


@pytest.mark.django_db
def test_a_round_does_not_fail_for_a_live_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "live.sqlite3").write_bytes(b"not a database" * 100)
    courier_report.write(tmp_path)
    with pytest.raises(sqlite3.Error):
        sqlite3.connect(tmp_path / "live.sqlite3").execute("SELECT * FROM meta")
    assert report(tmp_path).lag == 0


def test_a_fetch_is_counted_by_source_and_how_it_ended(decide_server: DecideServer) -> None:
    document: Document = live_folder.demo_document()
    document["sources"] = {"shop": source("Shop", "http://127.0.0.1:1/c?phone={call.from}", "status_word")}
    document["flows"]["priority-customers"]["steps"] = [{"slug": "orders", "source": "shop", "precedence": "fill"}]
    decide_server.change(document=document, number=2)
    decide_server.ask(call_id="a")
    decide_server.ask(caller="anonymous", call_id="b")  # nothing to ask with: nothing was asked
    assert shown(decide_server)['routing_fetches_total{outcome="error",source="shop"}'] == 1
