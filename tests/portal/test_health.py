"""The portal says whether its database answers, within a deadline, and lives without one."""

import socket
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from contactcenter import health
from tests.services import free_port

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="a file does not go away")


@contextmanager
def database_at(port: int) -> Iterator[None]:
    """Whoever connects from now on looks for the database there."""
    before = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = str(port)
    try:
        yield
    finally:
        connection.settings_dict["PORT"] = before
        wait([health._question] if health._question else [], 10)


def ready() -> tuple[int, dict[str, object]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()


@pytest.mark.portable
def test_ready_while_the_database_answers() -> None:
    assert ready() == (200, {"ready": True})


@pytest.mark.parametrize("address", health.PAGES)
def test_health_is_told_by_whatever_name_the_host_is_asked(address: str, settings: Any) -> None:
    """Prometheus and a proxy know the host's address alone, and speak plain HTTP behind the proxy that has the key."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["portal.example.net"], True
    assert Client().get(address, headers={"host": "10.0.0.12:8000"}).status_code == 200
    assert Client().get("/admin/login/", headers={"host": "10.0.0.12:8000"}).status_code == 400


@on_postgresql
@pytest.mark.parametrize("frozen", [False, True], ids=["nobody listens", "it takes connections and says nothing"])
def test_not_ready_but_alive_without_the_database(frozen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "DATABASE_ANSWERS_WITHIN_S", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        database_at(silent.getsockname()[1] if frozen else free_port()),
    ):
        for _ in range(3):
            assert ready() == (503, {"ready": False, "database": "unreachable"})
            assert Client().get("/livez").status_code == 200
            assert "portal_database_up 0.0" in Client().get("/metrics").content.decode()
    monkeypatch.undo()
    assert ready() == (200, {"ready": True})  # and it finds back by itself
