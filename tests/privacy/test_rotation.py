"""Another key for stored secrets, and the old one really not needed any more."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BooleanField, DateTimeField, IntegerField, JSONField, Model
from django.utils import timezone
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


def test_every_encrypted_column_there_is_can_be_read_with_the_new_key_alone(settings: Settings) -> None:
    """Found by looking at all models: a new one is tried as soon as it is there."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    fields = rotation.encrypted_fields()
    rows = {model: filled(model) for model in dict(fields)}
    for model, name in fields:
        model._base_manager.filter(pk=rows[model].pk).update(**{name: f"secret of {name}"})
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    done = rotation.rotate()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    for model, name in fields:
        assert getattr(model._base_manager.get(pk=rows[model].pk), name) == f"secret of {name}"
        assert done[f"{model._meta.label}.{name}"] >= 1
    assert {"CrmToken", "CrmBookmark", "UploadedList", "CrmPush", "AlertDestination", "HelpDesk"} <= {
        model.__name__ for model in rows
    }


def filled(model: type[Model]) -> Model:
    """A row of `model` with whatever it cannot do without."""
    given = {field.name: _any(field) for field in model._meta.concrete_fields if _is_needed(field)}
    return model._base_manager.create(**given)


def _is_needed(field: Any) -> bool:
    return not (field.primary_key and not field.remote_field) and not field.null and not field.has_default()


def _any(field: Any) -> Any:
    if field.remote_field:
        return field.related_model._base_manager.first() or filled(field.related_model)
    if field.choices:
        return field.flatchoices[0][0]
    kinds = {DateTimeField: timezone.now(), IntegerField: 1, BooleanField: True, JSONField: {}}
    return next((value for kind, value in kinds.items() if isinstance(field, kind)), "" if field.blank else "https://x")
