"""A sync that finds an erased person again in the CRM writes nothing of him down."""

from pathlib import Path
from time import monotonic

import pytest
from django.utils import timezone

from contactcenter.privacy import erasing
from customers import staging
from customers.crm.mapping import Mappings, Rule
from customers.models import CrmConnection, Customer, SyncRun
from customers.privacy.person import person_of
from tests.privacy.conftest import MARIO
from tests.privacy.searching import tables_with

pytestmark = [pytest.mark.portable, pytest.mark.django_db]

MAPPINGS = Mappings(
    id_path="id",
    region="IT",
    rules=(Rule("name", "name"), Rule("handle:phone", "phones"), Rule("purchases", "orders")),
    tiers={},
    attributes={},
)


def test_he_is_not_staged_again_and_somebody_new_is(mario: Customer, live_dir: Path) -> None:
    assert erasing.work(erasing.begin(person_of([mario.pk])), monotonic() + 60)
    crm = CrmConnection.objects.get()
    run = SyncRun.objects.create(connection=crm, trigger="manual", upper_bound=timezone.now(), state="running")
    records = [
        {"id": MARIO.record, "name": MARIO.name, "phones": [MARIO.phone]},
        {"id": "crm-2", "name": MARIO.name, "phones": [MARIO.phone]},
        {"id": "crm-3", "name": "Somebody New", "phones": ["+393330000003"]},
    ]
    tally = staging.stage(run, records, MAPPINGS)
    assert [row.external_id for row in run.staged.all()] == ["crm-3"]
    assert (tally.read, tally.unchanged, tally.rejected) == (3, 2, 0)
    assert tables_with(MARIO) == set()


def test_he_is_not_among_the_rejected_either(mario: Customer, live_dir: Path) -> None:
    assert erasing.work(erasing.begin(person_of([mario.pk])), monotonic() + 60)
    crm = CrmConnection.objects.get()
    run = SyncRun.objects.create(connection=crm, trigger="manual", upper_bound=timezone.now(), state="running")
    staging.stage(run, [{"id": MARIO.record, "phones": [MARIO.phone], "orders": "many"}], MAPPINGS)
    assert tables_with(MARIO) == set()
