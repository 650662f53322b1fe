"""A list of numbers handed in and exported in a browser: on a wide screen, and on a phone from right to left."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from contactcenter.tables.models import TableImport
from queues.models import Queue
from routing.models import Flow, Number, ProviderAccount
from tests.browser import keep

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def numbers(tmp_path: Path, settings: Settings) -> Path:
    """A file with a range, a change, and two lines that cannot be used; and what it points to."""
    settings.VAR_DIR = tmp_path
    queue = Queue.objects.create(name="Everyone", slug="everyone")
    Flow.objects.create(name="Priority customers", slug="priority", last_path=queue)
    account = ProviderAccount.objects.create(name="Twilio Italy", slug="twilio-it", dialect="native")
    Number.objects.create(account=account, address="+390255501", label="Old hotline", default_queue=queue)
    path = tmp_path / "numbers.csv"
    path.write_text(
        "number;label;provider account;default queue;flow;in service from;colour\n"
        "+3902555 10-19;Milan;twilio-it;everyone;priority;2026-03-01;red\n"
        "+390255501;New hotline;twilio-it;everyone;;;red\n"
        "3.9E+11;Spoilt;twilio-it;everyone;;;red\n"
        "+390277777;<script>alert(1)</script>;nobody;everyone;;;red\n"
    )
    return path


def fits(page: Page) -> None:
    """Nothing is to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def look_and_import(page: Page, path: Path, name: str) -> None:
    page.goto(reverse("tables_hand_in", args=["numbers"]))
    fits(page)
    page.locator("input[type=file]").set_input_files(path)
    page.locator(".submit-row input").first.click()
    expect(page.locator("#leave_out")).to_be_visible()
    fits(page)
    page.locator("#leave_out").check()
    page.locator("input[name=look]").click()
    expect(page.locator("dd[data-field=refused]")).to_have_text("2")
    expect(page.locator("del", has_text="Old hotline")).to_be_visible()
    fits(page)
    keep(page, name)
    page.locator("#leave_refused").check()
    page.locator("input[name=confirm]").click()
    expect(page.locator("a[href$='refused.csv']")).to_be_visible()
    fits(page)


def undo(page: Page, name: str) -> None:
    """Behind the import: what would go back, and that it went."""
    hotline = Number.objects.get(address="+390255515")
    hotline.label = "Hotline of somebody"
    hotline.save()
    keep(page, f"{name}-done")
    page.locator("form[action$='/undo/'] input[type=submit]").click()
    expect(page.locator("ins", has_text="Old hotline")).to_be_visible()
    expect(page.locator("ul.undo-sentences li")).to_have_count(3)
    fits(page)
    keep(page, name)
    page.locator("input[name=confirm]").click()
    expect(page.locator("ul.undo-sentences li")).to_have_count(2)
    fits(page)
    keep(page, f"{name}-undone")
    assert set(Number.objects.values_list("label", flat=True)) == {"Old hotline", "Hotline of somebody"}


def test_numbers_are_looked_at_imported_and_exported(tab: Page, numbers: Path) -> None:
    look_and_import(tab, numbers, "import")
    assert Number.objects.filter(label="Milan").count() == 10
    tab.goto(reverse("admin:routing_number_changelist") + "?q=Milan")
    tab.get_by_role("link", name="Export", exact=True).click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Export for a spreadsheet (XLSX)").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    tab.reload()
    expect(tab.get_by_role("link", name="Fetch the file")).to_be_visible()
    tab.goto(reverse("tables_import", args=[TableImport.objects.get().pk]))
    undo(tab, "undo")


def test_the_same_on_a_phone_from_right_to_left(
    browser: Browser, live_server: Any, supervisor_client: Any, settings: Settings, numbers: Path
) -> None:
    context = browser.new_context(base_url=live_server.url, locale="ar", viewport={"width": 390, "height": 800})
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": supervisor_client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    look_and_import(page, numbers, "import-ar")
    undo(page, "undo-ar")
    page.goto(reverse("tables_export", args=["numbers"]))
    fits(page)
    keep(page, "export-ar")
    context.close()
    assert complaints == []
