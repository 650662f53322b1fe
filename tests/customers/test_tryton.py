"""A real CRM: Tryton with its party module, a process of its own, read by our connector."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from customers.crm import CONNECTORS, ConnectionConfig, CrmRejected, Page
from customers.crm.auth import AUTHS

PACKAGES = ("trytond~=8.0.0", "trytond_party~=8.0.0", "psycopg[binary,pool]")  # psycopg: imported, not used
COUNT, PASSWORD = 230, "the-password"
CONFIGURATION = """[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
"""
PARTIES = f"""
import trytond.config
trytond.config.config.update_etc("trytond.conf")
from trytond.pool import Pool
from trytond.transaction import Transaction
Pool.start()
with Transaction().start("shop", 0):
    Pool("shop").init()
with Transaction().start("shop", 1) as transaction:
    Pool("shop").get("party.party").create([{{"name": f"Customer {{n}}"}} for n in range({COUNT})])
    Pool("shop").get("party.party").create([{{"name": "Gone", "active": False}}])
    transaction.commit()
"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with its parties. Setting it up takes one to three minutes."""
    folder = tmp_path_factory.mktemp("tryton")
    uv, python = Path(sys.executable).with_name("uv"), folder / "env/bin/python"
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "trytond.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "shop.sqlite").touch()
    admin: list[str | Path] = [python.with_name("trytond-admin"), "-c", "trytond.conf", "-d", "shop"]
    commands: tuple[list[str | Path], ...] = (
        [uv, "venv", "-q", "--python", sys.executable, "env"],
        [uv, "pip", "install", "-q", "--python", python, *PACKAGES],
        [*admin, "--all", "--email", "admin@example.com"],
        [*admin, "-u", "party", "--activate-dependencies"],
        [python, "-c", PARTIES],
    )
    for command in commands:
        environment = {**os.environ, "TRYTONPASSFILE": "password"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr[-3000:]
    server = subprocess.Popen(
        [python.with_name("trytond"), "-c", "trytond.conf", "-d", "shop"], cwd=folder, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("Tryton does not listen")


def config(url: str, password: str = PASSWORD, **options: str) -> ConnectionConfig:
    given = {"database": "shop", "auth_name": "admin", **options}
    credentials = AUTHS["basic"].make(0, given, password)
    return ConnectionConfig(url=url, token=password, page_size=50, options=given, credentials=credentials)


def read(url: str, since: datetime | None) -> list[Any]:
    records: list[Any] = []
    page = Page([], "")
    while page.next_cursor is not None:
        page = CONNECTORS["tryton"].fetch_page(config(url), page.next_cursor, since, datetime.now(UTC))
        records += page.records
    return records


def test_a_real_tryton_is_read(tryton: str) -> None:
    now = datetime.now(UTC)
    assert [record["name"] for record in read(tryton, None)] == [f"Customer {n}" for n in range(COUNT)]
    assert len(read(tryton, now - timedelta(hours=1))) == COUNT, "made since then, though never changed"
    assert read(tryton, now + timedelta(hours=1)) == []
    connector = CONNECTORS["tryton"]
    changed = connector.fetch_page(config(tryton), str(COUNT), now - timedelta(hours=1), now)
    assert (changed.records, changed.tombstones) == ([], (str(COUNT + 1),)), "who is archived is reported"
    assert connector.fetch_one(config(tryton), "7")["name"] == "Customer 6"  # type: ignore[index]
    assert connector.fetch_one(config(tryton), "99999") is None
    for wrong, code in ((config(tryton, "wrong"), "token_refused"), (config(tryton, object="no.such"), "refused")):
        with pytest.raises(CrmRejected) as caught:
            connector.fetch_page(wrong, "", None, now)
        assert caught.value.code == code
