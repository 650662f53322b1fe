"""Every wrong deployment is refused by `check --deploy`, under its own id and with a hint."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage, run_checks
from pytest_django import Settings

from routing.models import ProviderAccount

GOOD: dict[str, Any] = {
    "EMBEDDED_DATABASE": False,
    "EMBEDDED_BROKER": False,
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}},
    "EMERGENCY_TARGET": "sip:reception@pbx.example.net",
    "FIELD_ENCRYPTION_KEYS": [Fernet.generate_key().decode()],
    "SECRET_KEY": "s" * 50,
    "DECISION_ID_KEY": "d" * 32,
    "CSRF_TRUSTED_ORIGINS": ["https://portal.example.net"],
    "INSECURE_HTTP": False,
}


def refusals(settings: Settings, *, deploy: bool = True, **changed: Any) -> list[CheckMessage]:
    """What our own checks say of a good deployment with something `changed`."""
    for name, value in (GOOD | changed).items():
        setattr(settings, name, value)
    found = run_checks(include_deployment_checks=deploy)
    return [message for message in found if str(message.id).startswith("contactcenter.")]


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("changed", "refused_as"),
    [
        pytest.param({}, [], id="a good deployment is accepted"),
        pytest.param({"FIELD_ENCRYPTION_KEYS": []}, ["E001"], id="no encryption key"),
        pytest.param({"FIELD_ENCRYPTION_KEYS": ["too-short"]}, ["E001"], id="an encryption key that is none"),
        pytest.param(
            {"FIELD_ENCRYPTION_KEYS": [*GOOD["FIELD_ENCRYPTION_KEYS"], "old"]},
            ["E001"],
            id="a bad key beside a good one",
        ),
        pytest.param({"EMBEDDED_DATABASE": True}, ["E002"], id="SQLite"),
        pytest.param({"EMBEDDED_BROKER": True}, ["E003"], id="a folder as broker"),
        pytest.param(
            {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}},
            ["E004"],
            id="a cache for each process",
        ),
        pytest.param({"EMERGENCY_TARGET": ""}, ["E005"], id="no emergency target"),
        pytest.param({"DECISION_ID_KEY": "d" * 31}, ["E006"], id="a short decision id key"),
        pytest.param({"DECISION_ID_KEY": "s" * 50}, ["E006"], id="the secret key as decision id key"),
        pytest.param({"INSECURE_HTTP": True}, ["E007"], id="plain HTTP"),
        pytest.param({"CSRF_TRUSTED_ORIGINS": ["http://portal.example.net"]}, ["E007"], id="a plain origin"),
    ],
)
def test_a_deployment_with(changed: dict[str, Any], refused_as: list[str], settings: Settings) -> None:
    found = refusals(settings, **changed)
    assert ids(found) == [f"contactcenter.{number}" for number in refused_as]
    assert all(message.hint for message in found)


@pytest.mark.parametrize(
    ("mode", "refused_as"),
    [
        pytest.param(0o700, [], id="the owner alone"),
        pytest.param(0o750, ["contactcenter.E008"], id="the group too"),
        pytest.param(0o701, ["contactcenter.E008"], id="everybody may enter"),
    ],
)
def test_the_live_folder_is_open_to(mode: int, refused_as: list[str], settings: Settings, tmp_path: Path) -> None:
    tmp_path.chmod(mode)
    assert ids(refusals(settings, LIVE_DIR=tmp_path)) == refused_as


def test_the_embedded_parts_are_accepted_where_nothing_is_deployed(settings: Settings) -> None:
    embedded = {"EMBEDDED_DATABASE": True, "EMBEDDED_BROKER": True, "INSECURE_HTTP": True, "EMERGENCY_TARGET": ""}
    assert refusals(settings, deploy=False, **embedded) == []


@pytest.mark.django_db
def test_a_provider_account_called_over_plain_http_is_refused_by_name(settings: Settings) -> None:
    for name, url in {"Plain": "http://calls.example.net", "Secured": "https://calls.example.net", "None": ""}.items():
        ProviderAccount.objects.create(name=name, slug=name.lower(), public_url=url)
    found = run_checks(include_deployment_checks=True, databases=["default"])
    refused = [message for message in found if message.id == "contactcenter.E009"]
    assert [str(message.obj) for message in refused] == ["Plain"]


@pytest.mark.django_db
def test_an_unsigned_account_that_cannot_prove_its_requests_is_named(settings: Settings) -> None:
    good = {"dialect": "freeswitch", "secret": "s" * 32, "networks": "192.0.2.0/24"}
    accounts: dict[str, dict[str, Any]] = {
        "Good": good,
        "Short secret": good | {"secret": "s" * 31},
        "No networks": good | {"networks": " \n"},
        "Switched off": good | {"networks": "", "is_enabled": False},
        "Signed": {"dialect": "twilio", "secret": "short"},
        "With keys": {"dialect": "native"},
    }
    for place, (name, fields) in enumerate(accounts.items()):
        ProviderAccount.objects.create(name=name, slug=f"account-{place}", **fields)
    found = run_checks(include_deployment_checks=True, databases=["default"])
    named = [str(message.obj) for message in found if message.id == "contactcenter.E010"]
    assert named == ["No networks", "Short secret"]
