"""A portal and a worker on two hosts that lack a folder in common: it is said in words, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from contactcenter.tables import exports, imports, tasks
from contactcenter.tables.models import TableExport, TableImport
from customers.models import Customer
from tests.portal.test_tables import _folder, counted, draft, handed_in, latest, press

__all__ = ["_folder", "draft"]

pytestmark = pytest.mark.django_db

There = Callable[[Callable[[], Any]], Any]

LIST = "name,phone number\n" + "".join(f"Customer {n},+39347123456{n}\n" for n in range(3))
WORDS = "the portal and its workers need one folder for files in common"


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> There:
    """Does something as on a host whose folder is another one."""

    def there(act: Callable[[], Any]) -> Any:
        settings.VAR_DIR = tmp_path / "elsewhere"
        try:
            return act()
        finally:
            settings.VAR_DIR = tmp_path

    return there


@pytest.fixture
def waiting(supervisor_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that only a worker looks at."""
    monkeypatch.setattr(imports, "SMALL", 2)
    handed_in(supervisor_client, "customers", LIST)
    assert latest().state == "reading"


def test_a_worker_that_cannot_read_the_file_says_so_and_the_import_can_go_on(
    supervisor_client: Client, waiting: None, elsewhere: There
) -> None:
    elsewhere(lambda: tasks.import_step(str(latest().pk)))
    assert latest().state == "failed"
    page = reverse("tables_import", args=[latest().pk])
    assert WORDS in supervisor_client.get(page).content.decode()
    press(supervisor_client, **{"column-0": latest().columns[0], "column-1": latest().columns[1]})
    tasks.import_step(str(latest().pk))
    assert (latest().state, counted()) == ("ready", (3, 0, 0, 0))


def test_another_portal_that_cannot_read_the_file_says_so(
    supervisor_client: Client, waiting: None, elsewhere: There
) -> None:
    TableImport.objects.update(state="uploaded")
    assert WORDS in elsewhere(lambda: press(supervisor_client))


def test_an_export_that_lies_on_the_workers_host_is_told_of_in_words(
    supervisor_client: Client, elsewhere: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    Customer.objects.create(name="Rosa")
    supervisor_client.post(reverse("tables_export", args=["customers"]), {"format": "csv"})
    job = TableExport.objects.get()
    elsewhere(lambda: tasks.export_step(str(job.pk)))
    answer = supervisor_client.get(reverse("tables_export_file", args=[job.pk]), follow=True)
    assert WORDS in answer.content.decode()


def test_the_check_before_a_deployment_names_a_host_without_the_files(waiting: None, elsewhere: There) -> None:
    def found() -> list[str | None]:
        checked = run_checks(include_deployment_checks=True, databases=["default"])
        return [message.id for message in checked if message.id == "contactcenter.W011"]

    assert found() == []
    assert elsewhere(found) == ["contactcenter.W011"]
