"""Another key for stored secrets, and the old one really not needed any more."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from contactcenter.foundation.encryption import decrypt
from contactcenter.privacy import rotation
from customers.models import CrmConnection, DataSource, Erasure
from routing import live
from routing.courier import carry_once
from routing.models import ProviderAccount

pytestmark = [pytest.mark.portable, pytest.mark.django_db]


@pytest.fixture
def keys(settings: Settings) -> tuple[str, str]:
    """The old key, under which secrets are stored, and the new one."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    ProviderAccount.objects.create(name="Main", slug="main", dialect="native", secret="account secret")
    DataSource.objects.create(name="Shop", slug="shop", url="https://shop.example.com", secret="source secret")
    CrmConnection.objects.create(name="CRM", slug="crm", token="crm token")
    CrmConnection.objects.create(name="Open", slug="open", token="")
    Erasure.objects.create(pseudonym="erased-1", identifiers='[[], [["phone", "+393335550142"]], [], []]')
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    return old, new


def stored(table: str, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{table}" ORDER BY id')
        return [row[0] for row in cursor.fetchall()]


def test_every_secret_is_readable_without_the_old_key(keys: tuple[str, str], settings: Settings) -> None:
    assert rotation.rotate()["customers.CrmConnection.token"] == 1
    settings.FIELD_ENCRYPTION_KEYS = [keys[1]]
    assert ProviderAccount.objects.get().secret == "account secret"
    assert DataSource.objects.get().secret == "source secret"
    assert {each.token for each in CrmConnection.objects.all()} == {"crm token", ""}
    assert "+393335550142" in Erasure.objects.get().identifiers


def test_without_the_command_the_old_key_is_still_needed(keys: tuple[str, str], settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [keys[1]]
    with pytest.raises(ValueError, match="no longer configured"):
        ProviderAccount.objects.get()


def test_a_second_run_after_a_killed_one_renews_only_what_is_left(keys: tuple[str, str]) -> None:
    CrmConnection.objects.get(slug="crm").save()  # under the new key already
    before = stored("customers_crmconnection", "token")
    done = rotation.rotate()
    assert done["customers.CrmConnection.token"] == 0
    assert done["routing.ProviderAccount.secret"] == 1
    assert stored("customers_crmconnection", "token") == before
    assert sum(rotation.rotate().values()) == 0


def test_decide_hosts_get_secrets_that_the_new_key_alone_opens(
    keys: tuple[str, str], settings: Settings, live_dir: Path
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [keys[0]]
    carry_once(live_dir, "here")
    settings.FIELD_ENCRYPTION_KEYS = [keys[1], keys[0]]
    call_command("rotate_field_keys")
    while carry_once(live_dir, "here").carried:
        pass
    settings.FIELD_ENCRYPTION_KEYS = [keys[1]]
    reading = live.Live(live_dir)
    reading.refresh()
    account = str(ProviderAccount.objects.get().uuid)
    assert [decrypt(secret) for secret in reading.held.access.accounts[account].secrets] == ["account secret"]
    assert reading.failures == 0


def test_a_secret_under_a_key_that_is_missing_is_named_and_nothing_is_lost(
    keys: tuple[str, str], settings: Settings
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [keys[1]]
    before = stored("routing_provideraccount", "secret")
    with pytest.raises(CommandError, match="no longer configured"):
        call_command("rotate_field_keys")
    assert stored("routing_provideraccount", "secret") == before


def test_every_encrypted_field_there_is_takes_part() -> None:
    names = {f"{model._meta.label}.{name}" for model, name in rotation.encrypted_fields()}
    assert {
        "customers.CrmConnection.token",
        "customers.CrmToken.refresh_token",
        "customers.DataSource.secret",
        "customers.Erasure.identifiers",
        "routing.ProviderAccount.secret",
        "routing.ProviderAccount.previous_secret",
    } <= names
