"""The parts of the bench, each by the name that `--only` takes. Each is called in a process of its own."""

import os
from argparse import Namespace as Asked
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"

# Our own surroundings, before any settings are read; the servers that are started inherit them.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "contactcenter.decide_settings",
    "ENV_FILE": os.devnull,
    "VAR_DIR": str(FOLDER),
    "SECRET_KEY": "for-the-bench-only-" + "0123456789" * 4,
    "FIELD_ENCRYPTION_KEYS": urlsafe_b64encode(b"for-the-bench-only".ljust(32)).decode(),
    "LOG_LEVEL": "INFO",
}

import django  # noqa: E402 - the environment comes first

from bench import apart, database, engines, in_process, over_http, shared_spool  # noqa: E402 - they need Django set up
from bench.figures import Figure  # noqa: E402 - as above

Part = Callable[[Asked], list[Figure]]

FILLED = "BENCH_ADMIN_DATABASE"
"""Names a database that the admin's part has filled before, to measure it again at once."""


def measure(name: str, asked: Asked) -> list[Figure]:
    """What one part measures."""
    apart.leave_by_the_door()
    return PARTS[name](asked)


def _servers(asked: Asked) -> list[Figure]:
    return over_http.measure(FOLDER, asked.customers, asked.rounds, asked.seconds)


def _workers(asked: Asked) -> list[Figure]:
    return [over_http.with_two_workers(FOLDER, asked.customers, asked.rounds, asked.seconds)]


def _branches(asked: Asked) -> list[Figure]:
    return [over_http.by_branches(FOLDER, asked.rounds, asked.seconds)]


def _customers(asked: Asked) -> list[Figure]:
    django.setup()
    return [in_process.measure(FOLDER, asked.customers, asked.rounds)]


def _views(asked: Asked) -> list[Figure]:
    django.setup()
    from bench import views  # DRF reads the settings when it is imported

    return [views.measure(FOLDER, asked.customers, asked.rounds)]


def _engines(asked: Asked) -> list[Figure]:
    return engines.measure(asked.rounds)


def _dialects(asked: Asked) -> list[Figure]:
    django.setup()
    from bench import dialects  # labels of dialects are translated

    return dialects.measure(asked.rounds)


def _changes(_asked: Asked) -> list[Figure]:
    with database.database(FOLDER) as url:
        _portal(url)
        from bench import changes  # models: they can be read from here on

        return [changes.measure(url, FOLDER)]


def _faults(asked: Asked) -> list[Figure]:
    with database.database(FOLDER) as url:
        _portal(url)
        from bench import faults

        return faults.measure(url, FOLDER, asked.rounds, asked.seconds)


def _courier(asked: Asked) -> list[Figure]:
    with database.database(FOLDER) as url:
        _portal(url)
        from bench import courier

        return [courier.measure(url, FOLDER, asked.customers)]


def _admin(asked: Asked) -> list[Figure]:
    if filled := os.environ.get(FILLED):
        _portal(filled)
        from bench import admin_pages

        return admin_pages.measure(asked.rounds)
    with database.database(FOLDER) as url:
        _portal(url)
        from bench import admin_pages

        admin_pages.set_up(url, asked.customers)
        return admin_pages.measure(asked.rounds)


def _spool(asked: Asked) -> list[Figure]:
    return [shared_spool.measure(FOLDER, asked.rounds)]


def _portal(url: str) -> None:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
    django.setup()


PARTS: dict[str, Part] = {
    "customers": _customers,
    "views": _views,
    "engines": _engines,
    "dialects": _dialects,
    "branches": _branches,
    "servers": _servers,
    "workers": _workers,
    "changes": _changes,
    "faults": _faults,
    "spool": _spool,
    "courier": _courier,
    "admin": _admin,
}
DEFAULT = [name for name in PARTS if name not in ("spool", "courier", "admin")]  # minutes each, and of use to few
