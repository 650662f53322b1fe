"""What every test may use: the people, a live folder of its own, an environment for processes."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from tests import settings as test_settings

TESTS = Path(__file__).parent
OF_PROCESSES = (TESTS / "e2e", TESTS / "faults")

pytest_plugins = ["tests.people", "tests.browser", "tests.canary", "tests.emptying", "tests.drawn"]


# Both judge an example by the clock, and the machine may stand still for a moment.
hypothesis_settings.register_profile("without-a-clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("without-a-clock")


gc.disable()  # nothing that collecting makes is garbage


def pytest_collection_finish() -> None:
    """What has been collected stays: the garbage collector need not go through it again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """A page that was asked for in Arabic leaves its thread in Arabic."""
    yield
    translation.deactivate()


@pytest.fixture
def live_dir(tmp_path: Path, settings: Settings) -> Path:
    """An empty live folder that this test alone uses."""
    folder = tmp_path / "live"
    folder.mkdir(mode=0o700)
    settings.LIVE_DIR = folder
    return folder


@pytest.fixture
def process_env(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that a test starts: it sees the test's database and no other's folders."""
    host = connection.settings_dict
    url = (
        f"sqlite:///{host['NAME']}"
        if connection.vendor == "sqlite"
        else f"postgresql://{host['USER']}:{host['PASSWORD']}@{host['HOST']}:{host['PORT']}/{host['NAME']}"
    )
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "contactcenter.settings",
        "VAR_DIR": str(tmp_path),
    }


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first: workers that share files out end together when short ones come last."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in OF_PROCESSES))


def pytest_report_header() -> str:
    """Which database the run is about, first thing in its output."""
    engine = test_settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1]
    return f"database: {engine}, broker: {'redis' if os.environ.get('REDIS_URL') else 'files'}"
