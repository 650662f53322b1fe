"""The form of a CRM connection in a browser: fields that belong to the choice, the live mapping, a list handed in."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from customers.models import CrmConnection, LoyaltyTier
from tests.customers.vendor_crm import VendorCrm, serve

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "admin:customers_crmconnection_add"


@pytest.fixture
def crm() -> Iterator[VendorCrm]:
    with serve(30) as running:
        running.people[0].phone = "02 1234567"
        yield running


def test_the_form_follows_what_is_chosen_and_a_mapping_shows_its_value_while_it_is_typed(
    tab: Page, crm: VendorCrm
) -> None:
    tab.goto(reverse(ADD))
    tab.get_by_role("link", name="REST API with JSON").click()
    choose_proof_and_pages(tab)
    tab.get_by_label("Address of the customer list:").fill(f"{crm.url}/rest/cursor")
    tab.get_by_role("button", name="Test connection").click()
    panel = tab.locator("[data-answer]")
    expect(panel).to_contain_text("The CRM answered with 5 customers.")
    expect(tab.get_by_label("Sample record:")).to_have_value(re.compile('"phone": "02 1234567"'))
    tab.locator("#mappings-group .add-row a").click()
    tab.locator("#id_mappings-0-target").select_option("handle:phone")
    tab.locator("#id_mappings-0-expression").press_sequentially("phone")
    expect(panel.locator("[data-values] strong", has_text="+39021234567")).to_be_visible()
    tab.locator("#id_mappings-0-expression").fill("phone..x")
    expect(panel).to_contain_text("This is no JMESPath expression")
    expect(panel).to_contain_text("The CRM answered with 5 customers.")
    assert len(crm.journal) == 1, "typing asks the CRM nothing"


def choose_proof_and_pages(tab: Page) -> None:
    """Each choice shows the fields that belong to it and hides the others; the last ones are taken back."""
    proof, pages = tab.get_by_label("We identify ourselves by:"), tab.get_by_label("Pages:")
    expect(tab.locator(".field-option_token_url")).to_be_hidden()
    expect(tab.locator(".field-token")).to_be_visible()
    usual = proof.input_value(), pages.input_value()
    proof.select_option("client_credentials")
    expect(tab.locator(".field-option_token_url")).to_be_visible()
    expect(tab.locator(".field-refresh_token")).to_be_hidden()
    proof.select_option("none")
    expect(tab.locator(".field-token")).to_be_hidden()
    expect(tab.locator(".field-next_cursor_path")).to_be_visible()
    pages.select_option("link_header")
    expect(tab.locator(".field-next_cursor_path")).to_be_hidden()
    expect(tab.locator(".field-cursor_param")).to_be_hidden()
    for field, value in zip((proof, pages), usual, strict=True):
        field.select_option(value)


def test_a_list_is_pasted_and_read(tab: Page) -> None:
    LoyaltyTier.objects.create(name="Gold", slug="gold", rank=1)
    tab.goto(reverse(ADD))
    tab.get_by_role("link", name="A list that you paste or upload").click()
    tab.get_by_label("Name of a new list:").fill("VIP list")
    tab.get_by_label("The list, pasted:").fill("+39 02 1234567\nnobody\n+39 02 7654321\n")
    tab.get_by_label("Their tier:").select_option("Gold")
    tab.get_by_role("button", name="Look at the list").click()
    expect(tab.get_by_text("2 of 3 lines can be used.")).to_be_visible()
    expect(tab.get_by_role("row", name=re.compile("^2 Phone number"))).to_be_visible()
    tab.get_by_role("button", name="Read this list now").click()
    expect(tab).to_have_url(re.compile("/syncrun/"))
    assert CrmConnection.objects.get().name == "VIP list"
