"""A drill: calls are decided, a backup is made, everything is wrecked, and all of it comes back, once."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from customers.models import Customer, Handle, LoyaltyTier
from demo.seed import DemoSecrets, seed
from routing import courier, publishing
from routing import plane as plane_module
from routing.models import Decision, FetchStep
from tests.routing.decide_server import KEY, DecideServer

pytestmark = pytest.mark.portable

TIERS = ("gold", "silver", "bronze", None)
CALLERS = [f"+39025550{number}" for number in range(1000, 1040)]


@pytest.fixture
def own_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A copy of the test's database to be wrecked at will."""
    settings, name = connection.settings_dict, str(connection.settings_dict["NAME"])
    connection.close()
    if connection.vendor == "sqlite":
        copy = str(tmp_path / "own.sqlite3")
        # By SQLite itself: whoever else opens and closes the file takes this process's locks on it away.
        with closing(sqlite3.connect(name)) as there, closing(sqlite3.connect(copy)) as here:
            there.backup(here)
    else:
        copy = f"{name}_drill"
        # A browser of an earlier test may still hold a connection open, and a database in use cannot be copied.
        on_server(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            f'DROP DATABASE IF EXISTS "{copy}"',
            f'CREATE DATABASE "{copy}" TEMPLATE "{name}"',
        )
    settings["NAME"] = copy
    yield
    connection.close()
    settings["NAME"] = name
    if connection.vendor == "postgresql":
        on_server(f'DROP DATABASE "{copy}"')


def on_server(*statements: str) -> None:
    """Beside all databases, where databases are made."""
    host = connection.settings_dict
    address = {"host": host["HOST"], "port": host["PORT"], "user": host["USER"], "password": host["PASSWORD"]}
    with psycopg.connect(**address, dbname="postgres", autocommit=True) as server:
        for statement in statements:
            server.execute(statement.encode())


def wreck() -> None:
    """Nothing of the database can be read any more."""
    if connection.vendor == "sqlite":
        connection.close()
        Path(connection.settings_dict["NAME"]).write_bytes(b"wrecked" * 1000)
    else:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.fixture
def decide_server(
    own_database: None, live_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DecideServer]:
    """A decide server on what the courier brought: the demo, published, with forty customers."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE = "contactcenter.decide_urls", []
    seed(DemoSecrets("password", KEY, "token", "secret", 1))
    FetchStep.objects.all().delete()
    for caller, tier in zip(CALLERS, TIERS * 10, strict=True):
        made = Customer.objects.create(tier=LoyaltyTier.objects.get(slug=tier) if tier else None)
        Handle.objects.create(customer=made, kind="phone", value=caller)
    publishing.publish("The demo", by=None)
    carry(live_dir)
    monkeypatch.setattr(plane_module, "_plane", None)
    yield DecideServer(live_dir)
    plane_module.plane().live.stop()


def carry(folder: Path) -> None:
    while (done := courier.carry_once(folder, "here")).carried or done.shipped:
        pass


def decide(server: DecideServer, calls: range, prefix: str = "call") -> dict[str, Any]:
    """Ask for these calls; the answers by call id."""
    return {f"{prefix}-{n}": server.ask(CALLERS[n % 40], call_id=f"{prefix}-{n}") for n in calls}


def start_anew(server: DecideServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.plane.live.stop()
    monkeypatch.setattr(plane_module, "_plane", None)


def in_database() -> dict[str, tuple[str, str]]:
    """(decision id, queue) by call id; each must be there once."""
    found = list(Decision.objects.values_list("call_id", "decision_id", "queue"))
    assert len(found) == len({call_id for call_id, *_ in found})
    return {call_id: (decision_id, queue) for call_id, decision_id, queue in found}


def expected(answers: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {call_id: (answer["decision_id"], answer["queue"]) for call_id, answer in answers.items()}


@pytest.mark.parametrize(
    ("calls", "host_is_lost"),
    [pytest.param(1000, True, id="database and host lost"), pytest.param(100, False, id="the host is still there")],
)
def test_everything_comes_back_once_and_calls_are_decided_as_before(
    decide_server: DecideServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int, host_is_lost: bool
) -> None:
    shipped = calls * 9 // 10
    answers = decide(decide_server, range(shipped))
    carry(decide_server.folder)
    answers |= decide(decide_server, range(shipped, calls))
    call_command("backup", tmp_path / "backups")
    (backup,) = (tmp_path / "backups").iterdir()
    since = decide(decide_server, range(calls, calls + 20))
    carry(decide_server.folder)

    wreck()
    if host_is_lost:
        start_anew(decide_server, monkeypatch)
        shutil.rmtree(decide_server.folder)
    call_command("restore", backup, yes=True)
    assert set(in_database()) == {f"call-{n}" for n in range(shipped)}
    carry(decide_server.folder)

    assert in_database() == expected(answers if host_is_lost else answers | since)
    assert decide(decide_server, range(calls)) == answers
    anew = decide(decide_server, range(40), prefix="anew")
    assert [answer["queue"] for answer in anew.values()] == [answers[f"call-{n}"]["queue"] for n in range(40)]
    assert {answer["queue"] for answer in anew.values()} == {"vip", "priority", "standard"}


def test_a_damaged_backup_is_refused_and_nothing_is_touched(own_database: None, tmp_path: Path, live_dir: Path) -> None:
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    call_command("backup", tmp_path / "backups")
    (backup,) = (tmp_path / "backups").iterdir()
    kept = backup / "database"
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    with pytest.raises(CommandError, match="Damaged or missing in the backup: database"):
        call_command("restore", backup, yes=True)
    with pytest.raises(CommandError, match="--yes"):
        call_command("restore", backup)
    assert LoyaltyTier.objects.get().slug == "gold"


def test_a_backup_is_for_its_owner_only(own_database: None, tmp_path: Path, live_dir: Path) -> None:
    call_command("backup", tmp_path / "backups")
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in backup.iterdir() if path.name != "manifest.json"} == {0o600}
