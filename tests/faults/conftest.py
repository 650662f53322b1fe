"""A contact centre of its own for each test, on a PostgreSQL that this package alone uses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.faults.contact_centre import ROOT, ContactCentre, Database, wait_until


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL with one release, one key and some customers."""
    with services.postgres() as url:
        seeding = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
        if migrated := os.environ.get(services.MIGRATED):
            services.copy_database(migrated, url)
        own = {"VAR_DIR": str(tmp_path_factory.mktemp("seeding"))}
        command = [sys.executable, "-m", "tests.faults.seeding"]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **seeding, **own})
        with psycopg.connect(url) as connection:
            # What PostgreSQL has promised to keep survives its death, as in production.
            connection.execute("ALTER DATABASE contactcenter SET synchronous_commit = on")
            ((folder,),) = connection.execute("SHOW data_directory").fetchall()
        made = Database(url, folder)
        yield made
        made.end()


@pytest.fixture
def decide_host(tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host with a live folder built by hand and no courier."""
    centre = ContactCentre(tmp_path)
    centre.build_live_folder()
    yield centre
    centre.end()


@pytest.fixture
def contact_centre(database: Database, tmp_path: Path) -> Iterator[ContactCentre]:
    """A decide host whose courier has carried everything."""
    centre = ContactCentre(tmp_path, database)
    try:
        centre.start_courier()
        wait_until(centre.has_everything, 60)
        yield centre
    finally:
        centre.end()
