"""What several tests of the sync use."""

from pathlib import Path

import pytest


@pytest.fixture
def celery_env(process_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a Celery process: the test's database, and folders of its own for the messages."""
    for folder in ("messages", "processed", "control"):
        (tmp_path / "broker" / folder).mkdir(parents=True, exist_ok=True)
    return process_env
