"""What a process of ours has loaded when it starts: a courier or a command in an emergency waits for no page."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTED = """
import json, sys
import django
django.setup()
print(json.dumps(sorted(sys.modules)))
from django.core.management import load_command_class
from django.core.management.base import ALL_CHECKS
for app, name in (("contactcenter", "backup"), ("customers", "sync_customers"), ("queues", "switch"),
                  ("routing", "courier"), ("routing", "publish"), ("routing", "rollback")):
    command = load_command_class(app, name)
    wanted = command.requires_system_checks
    command.check(tags=None if wanted == ALL_CHECKS else wanted)
print(json.dumps(sorted(sys.modules)))
from contactcenter.celery import app
app.loader.import_default_modules()
print(json.dumps(sorted(sys.modules)))
"""
PAGES = {"contactcenter.urls", "contactcenter.accounts.admin", "routing.admin.flows", "drf_spectacular.views"}
FOR_FEW = {"openpyxl", "requests", "rest_framework.serializers", "jwt", "routing.providers", "customers.sync"}


@pytest.fixture(scope="module")
def loaded() -> list[set[str]]:
    """What there is when Django has started, when commands have checked their host, and when a worker is ready."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    asked = subprocess.run(
        [sys.executable, "-c", STARTED], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return [set(json.loads(line)) for line in asked.stdout.splitlines()]


def test_django_starts_without_pages_and_without_what_only_few_processes_need(loaded: list[set[str]]) -> None:
    assert (PAGES | FOR_FEW) & loaded[0] == set()


def test_commands_that_somebody_waits_for_check_their_host_without_loading_pages(loaded: list[set[str]]) -> None:
    assert PAGES & loaded[1] == set()


def test_a_worker_is_ready_without_pages(loaded: list[set[str]]) -> None:
    assert PAGES & loaded[2] == set()
    assert "routing.tasks" in loaded[2]
