"""What is given to a person who asks what is held of him: everything, and nobody else's."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from tests.privacy.conftest import BIANCA, MARIO
from tests.privacy.searching import tables_with

pytestmark = [pytest.mark.portable, pytest.mark.django_db]

BY_OTHER_MEANS = {"foundation_change", "customers_syncrun"}
"""Tables whose rows say only what those of others say: that an address has changed, how far a sync came."""


def test_every_table_that_has_him_is_in_the_file_and_nobody_else(mario: Customer, tmp_path: Path) -> None:
    file = tmp_path / "mario.json"
    call_command("export_person", str(file), email=MARIO.email.upper())
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    tables = json.loads(text)["tables"]
    with_rows = {table for table, rows in tables.items() if rows}
    assert with_rows >= tables_with(MARIO) - BY_OTHER_MEANS
    assert {"customers_demotioncandidate", "customers_tierchange", "customers_uploadedlist"} <= with_rows
    assert {"routing_delivery", "routing_notification"} <= with_rows
    assert len(tables["routing_decision"]) == 4
    assert all(word not in text for word in BIANCA.words)


def test_what_decide_hosts_are_told_is_in_it(mario: Customer, tmp_path: Path) -> None:
    call_command("export_person", str(tmp_path / "mario.json"), customer=mario.pk)
    told = json.loads((tmp_path / "mario.json").read_text())["decide_hosts"]
    assert told[f"phone:{MARIO.phone}"]["tier"] == "gold"


def test_a_file_that_is_there_is_not_overwritten(mario: Customer, tmp_path: Path) -> None:
    (tmp_path / "mario.json").write_text("mine")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_person", str(tmp_path / "mario.json"), phone=MARIO.phone)
    assert (tmp_path / "mario.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        pytest.param({"phone": "call me"}, "cannot be read", id="not a phone number"),
        pytest.param({"phone": "02 5555"}, "cannot be read", id="a number without its country"),
        pytest.param({"customer": 0}, "no customer", id="an id of nobody"),
    ],
)
def test_who_cannot_be_found_is_said(mario: Customer, tmp_path: Path, given: dict, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("export_person", str(tmp_path / "file.json"), **given)
    assert not (tmp_path / "file.json").exists()
