"""The vendors' own clients read the stand-in, too: proof that it speaks their protocols, and not only ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.customers.vendor_crm import Person, serve
from tests.customers.vendor_crm.people import START

CLIENTS = ("simple-salesforce==1.12.10", "hubspot-api-client==12.0.0")
PROGRAM = Path(__file__).parent / "vendor_crm" / "read_with_clients.py"
COUNT = 2500
"""More than one of Salesforce's batches."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the clients, apart from ours: they bring a SOAP stack that nothing of ours needs."""
    uv, folder = Path(sys.executable).with_name("uv"), tmp_path_factory.mktemp("clients")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True, timeout=120)
    subprocess.run([uv, "pip", "install", "-q", "--python", folder / "bin/python", *CLIENTS], check=True, timeout=240)
    return folder / "bin/python"


@pytest.mark.long
def test_the_clients_read_everybody(python: Path) -> None:
    with serve(COUNT) as crm:
        gone = Person(COUNT + 1, "Gone", "+390212345678", "gold", START, is_deleted=True)
        crm.people.append(gone)
        done = subprocess.run(
            [python, "-P", PROGRAM, crm.url], capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"}
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found = json.loads(done.stdout)
        crm.people.remove(gone)
        in_order = sorted(crm.people, key=lambda person: (person.modified, person.salesforce_id))
        assert found["salesforce"] == [person.salesforce_id for person in in_order]
        assert found["salesforce_total"] == COUNT
        assert found["salesforce_bulk"] == [person.salesforce_id for person in crm.people]
        assert found["salesforce_parts"] == 3
        assert found["hubspot_gone"] == [str(gone.number)]
        assert found["hubspot"] == [str(person.number) for person in crm.people]
        assert found["hubspot_search"] == [str(number) for number in range(101, 301)]
        assert (found["hubspot_total"], found["hubspot_one"]) == (COUNT - 100, crm.people[6].phone)
        assert len(crm.asked_of("/services/data/v62.0/query")) == 2
