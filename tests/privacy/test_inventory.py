"""The data inventory and the code say the same: no table, and no field that may name a person, is missing."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from contactcenter.privacy import retention

ROOT = Path(__file__).resolve().parents[2]
PERSONAL = re.compile(r"^(caller|sender|thread|value|name|email|identifiers|external_id|mapped|object_repr|content)$")
"""Names of fields that have held something of a customer so far."""

OF_THINGS = {
    "auth_group",
    "auth_permission",
    "customers_alertdestination",
    "customers_crmbookmark",
    "customers_crmconnection",
    "customers_datasource",
    "customers_datasourcevariable",
    "customers_heartbeat",
    "customers_loyaltytier",
    "customers_tierbound",
    "customers_tiermapping",
    "foundation_team",
    "queues_calendar",
    "queues_helpdesk",
    "queues_phonesystem",
    "queues_queue",
    "routing_flow",
    "routing_notificationtarget",
    "routing_provideraccount",
    "routing_samplecall",
    "socialaccount_socialapp",
}
"""Tables whose `name` or `value` is that of a thing."""


def inventory() -> str:
    return (ROOT / "docs/data-inventory.md").read_text(encoding="utf-8")


def may_be_personal() -> list[str]:
    return sorted(
        {
            model._meta.db_table
            for model in apps.get_models()
            for field in model._meta.local_fields
            if PERSONAL.match(field.name)
            and not model._meta.label.startswith(("django_celery_beat", "admin."))
            and getattr(model, "instance_type", model)._meta.db_table not in OF_THINGS  # a history is of the same kind
        }
    )


@pytest.mark.parametrize("table", may_be_personal())
def test_a_table_that_may_name_a_person_has_its_row(table: str) -> None:
    assert re.search(rf"^\| [^|]*`{table}`", inventory(), re.MULTILINE)


@pytest.mark.parametrize(
    "setting",
    sorted(
        {rule.days for rule in retention.BY_AGE} | {days for _, days in retention.OF_RUNS} | {retention.CALLERS_DAYS}
    ),
)
def test_every_age_is_a_setting_with_its_default_in_the_inventory(setting: str) -> None:
    assert f"`{setting}`" in inventory()
    assert f"| `{setting}` | {getattr(settings, setting)} |" in (ROOT / "docs/operations.md").read_text(
        encoding="utf-8"
    )


def test_nothing_is_said_to_be_without_a_job() -> None:
    assert "no job yet" not in inventory().casefold().partition("## in the database")[2]
