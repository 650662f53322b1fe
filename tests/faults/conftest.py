"""A contact centre whose processes are real; most tests of a module hurt the same one and leave it running."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from pytest_django import DjangoDbBlocker

from tests import services
from tests.emptying import empty
from tests.faults.contact_centre import ROOT, ContactCentre, Database, kept_running, wait_until
from tests.faults.seeding import seed

Seeded = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Seeded:
    """One release, one key and some customers in the tests' own database for as long as a `with` lasts."""

    @contextmanager
    def seeded() -> Iterator[str]:
        # Only tests that are marked with `django_db` are sure to have a database of their own.
        assert str(connection.settings_dict["NAME"]).startswith(TEST_DATABASE_PREFIX)
        with django_db_blocker.unblock():
            seed()
            connection.close()
        yield services.address_of(connection.settings_dict)
        with django_db_blocker.unblock():
            empty()
            connection.close()

    return seeded


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest, seeded: Seeded) -> Iterator[Database]:
    """For faults that leave PostgreSQL alone."""
    if connection.vendor == "postgresql":
        with seeded() as url:
            yield Database(url)
    else:
        yield request.getfixturevalue("own_postgresql")


@pytest.fixture(scope="session")
def own_postgresql(tmp_path_factory: pytest.TempPathFactory, seeded: Seeded) -> Iterator[Database]:
    """A PostgreSQL with the same rows that nobody else uses: it may be killed."""
    with services.postgres() as url:
        if connection.vendor == "postgresql":
            with seeded() as there:
                services.copy_database(there, url)
        else:
            migrate_and_seed(url, tmp_path_factory.mktemp("seeding"))
        with psycopg.connect(url) as admin:
            # What PostgreSQL has promised to keep survives its death, as in production.
            admin.execute("ALTER DATABASE contactcenter SET synchronous_commit = on")
            ((folder,),) = admin.execute("SHOW data_directory").fetchall()
        made = Database(url, folder)
        yield made
        made.end()


def migrate_and_seed(url: str, folder: Path) -> None:
    here = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "contactcenter.settings", "VAR_DIR": str(folder)}
    subprocess.run([sys.executable, "-m", "tests.faults.seeding"], check=True, cwd=ROOT, env={**os.environ, **here})


@pytest.fixture
def decide_host(tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host with a live folder built by hand and no courier."""
    centre = ContactCentre(tmp_path)
    centre.build_live_folder()
    yield centre
    centre.end()


@pytest.fixture(scope="module")
def running(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContactCentre]:
    """Each test of a module hurts it and leaves it running."""
    with kept_running(ContactCentre(tmp_path_factory.mktemp("running"), database)) as centre:
        yield centre


@pytest.fixture
def contact_centre(own_postgresql: Database, tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host of its own whose courier has carried everything."""
    centre = ContactCentre(tmp_path, own_postgresql)
    try:
        centre.start_courier()
        wait_until(centre.has_everything, 60)
        yield centre
    finally:
        centre.end()
