"""The page of a provider account in a browser: what the chosen provider can do, and the fields that count for it."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from routing.models import ProviderAccount

pytestmark = pytest.mark.django_db(transaction=True)

PROOF = ("secret", "previous_secret", "networks")


def test_the_page_follows_the_chosen_provider_says_what_is_wrong_and_saves(tab: Page) -> None:
    tab.goto(reverse("admin:routing_provideraccount_add"))
    chooser = tab.get_by_label("Provider:")
    expect(tab.locator("[data-dialect]:visible")).to_have_count(0)
    chooser.select_option("freeswitch")
    expect(tab.locator("[data-dialect]:visible")).to_have_attribute("data-dialect", "freeswitch")
    for name in PROOF:
        expect(tab.locator(f".form-row.field-{name}")).to_be_visible()
    chooser.select_option("native")
    expect(tab.locator("[data-dialect]:visible")).to_have_attribute("data-dialect", "native")
    for name in PROOF:
        expect(tab.locator(f".form-row.field-{name}")).to_be_hidden()
    expect(tab.get_by_role("heading", name="How requests prove")).to_be_hidden()
    expect(tab.get_by_role("heading", name="Its numbers")).to_be_hidden()
    chooser.select_option("telnyx")
    expect(tab.locator(".form-row.field-api_secret")).to_be_visible()
    expect(tab.locator(".form-row.field-api_user")).to_be_hidden()
    chooser.select_option("twilio")
    expect(tab.locator(".form-row.field-api_user")).to_be_visible()
    # What is wrong stays in sight.
    tab.get_by_label("Name:", exact=True).fill("Own FreeSWITCH")
    chooser.select_option("freeswitch")
    tab.get_by_label("Signing secret:").fill("too short")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".field-secret .errorlist")).to_contain_text("at least 32 characters")
    expect(tab.locator(".field-networks .errorlist")).to_contain_text("which networks it calls from")
    tab.get_by_label("Signing secret:").fill("s" * 32)
    tab.get_by_label("Allowed networks:").fill("192.0.2.0/24")
    tab.get_by_role("button", name="Save and continue editing").click()
    account = ProviderAccount.objects.get()
    expect(tab.get_by_text(f"/api/v1/p/{account.uuid}/voice")).to_be_visible()
