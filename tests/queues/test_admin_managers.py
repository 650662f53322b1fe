"""Account managers in the admin: whether they are there, and one click to say so."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contactcenter.foundation.models import Change
from queues import presence
from queues.models import AccountManager, Calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db: None) -> AccountManager:
    manager = AccountManager.objects.create(name="Anna", slug="anna", address="+393331234567")
    Change.objects.all().delete()
    return manager


def click(manager: AccountManager) -> str:
    return reverse("admin:queues_accountmanager_presence", args=[manager.pk])


def test_one_click_in_the_list_says_away_and_the_next_one_available(
    supervisor_client: Client, anna: AccountManager
) -> None:
    listed = reverse("admin:queues_accountmanager_changelist")
    assert f'formaction="{click(anna)}"' in supervisor_client.get(listed).content.decode()
    supervisor_client.post(click(anna))
    anna.refresh_from_db()
    assert not anna.is_present
    assert Change.objects.filter(topic="state", key="manager:anna").exists()
    supervisor_client.post(click(anna))
    anna.refresh_from_db()
    assert anna.is_present


@pytest.mark.parametrize(("who", "status"), [("stranger", 302), ("auditor", 403)])
def test_others_do_not_say_who_is_there(
    request: pytest.FixtureRequest, who: str, status: int, anna: AccountManager
) -> None:
    assert request.getfixturevalue(f"{who}_client").post(click(anna)).status_code == status
    anna.refresh_from_db()
    assert anna.is_present


def test_a_link_alone_changes_nothing(supervisor_client: Client, anna: AccountManager) -> None:
    assert supervisor_client.get(click(anna)).status_code == 405


def test_presence_holds_until_its_end_and_then_the_opposite(anna: AccountManager) -> None:
    now = timezone.now()
    presence.set_presence(anna, False, now + timedelta(hours=1), now)
    assert not anna.is_there(now)
    assert "Away until" in presence.in_words(anna, now)
    assert anna.is_there(now + timedelta(hours=1))
    assert presence.in_words(anna, now + timedelta(hours=1)) == "Available."


def test_working_hours_that_are_over_are_said_too(anna: AccountManager) -> None:
    anna.calendar = Calendar.objects.create(name="Never", slug="never", time_zone="Europe/Rome")
    assert "Closed by its opening hours" in presence.in_words(anna, timezone.now())
