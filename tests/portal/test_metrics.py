"""What the portal's `/metrics` says of releases and syncs."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from contactcenter import portal_metrics
from customers.models import CrmConnection, SyncRun
from routing.models import Release

pytestmark = [pytest.mark.django_db, pytest.mark.portable]


def shown(client: Client) -> dict[str, float]:
    """The page's figures by name and labels."""
    page = client.get("/metrics").content.decode()
    return {name: float(value) for name, value in re.findall(r"^([a-z_]\S*) (\S+)$", page, re.MULTILINE)}


def connection(slug: str, *runs: tuple[str, int], **fields: object) -> None:
    """A CRM connection whose syncs ended in these states, so many hours ago."""
    made = CrmConnection.objects.create(name=slug, slug=slug, url="https://crm.example.com/customers", **fields)
    for state, hours in runs:
        ended = None if state in SyncRun.UNFINISHED else timezone.now() - timedelta(hours=hours)
        SyncRun.objects.create(
            connection=made, state=state, trigger="schedule", upper_bound=timezone.now(), finished_at=ended
        )


def test_each_connection_says_how_its_last_sync_ended_and_when_one_succeeded(client: Client) -> None:
    connection("good", ("failed", 30), ("succeeded", 2))
    connection("failing", ("succeeded", 27), ("partial", 26), ("failed", 2), ("running", 0))
    connection("never")
    connection("off", ("failed", 1), is_enabled=False)
    figures = shown(client)
    assert {name: value for name, value in figures.items() if name.startswith("crm_sync_failed")} == {
        'crm_sync_failed{connection="good"}': 0,
        'crm_sync_failed{connection="failing"}': 1,
        'crm_sync_failed{connection="never"}': 0,
    }
    ages = {
        slug: figures[f'crm_sync_success_age_seconds{{connection="{slug}"}}'] for slug in ("good", "failing", "never")
    }
    assert ages == {
        "good": pytest.approx(7200, abs=60),
        "failing": pytest.approx(26 * 3600, abs=60),
        "never": float("inf"),
    }


def test_the_newest_release_is_shown_and_nothing_of_the_decide_server(client: Client) -> None:
    assert shown(client)["routing_newest_release"] == 0
    for number in (1, 12):
        Release.objects.create(number=number, document="{}", sha256="", note="")
    figures = shown(client)
    assert figures["routing_newest_release"] == 12
    assert "routing_release" not in figures  # it would look like a host without a release


def test_without_the_database_the_page_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(portal_metrics, "_releases", away)
    figures = shown(client)
    assert figures["portal_database_up"] == 0
    assert "routing_newest_release" not in figures
