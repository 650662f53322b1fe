"""Long forms in a browser: fields come with the choice that they hang on, and nothing that is hidden is lost."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from queues.models import PhoneSystem, Queue

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_queue_shows_what_matters_now_and_keeps_what_it_hides(tab: Page) -> None:
    pbx = PhoneSystem.objects.create(name="PBX", slug="pbx", hosts="pbx.example.net")
    vip = Queue.objects.create(
        name="VIP", slug="vip", phone_system=pbx, max_waiting=5, when_full="announce", full_address="8999"
    )
    tab.goto(reverse("admin:queues_queue_change", args=[vip.pk]))
    full, extension, closed = (
        tab.locator(f"div:has(> .fieldBox.field-{name})") for name in ("when_full", "full_address", "closed_address")
    )
    # Something in the section is not as usual: it is open. The others are folded.
    expect(extension).to_be_visible()
    expect(tab.locator("#content-main details")).to_have_count(5)
    expect(closed).to_be_hidden()
    tab.get_by_label("When closed:", exact=True).select_option("voicemail")
    expect(closed).to_be_visible()
    tab.get_by_label("Maximum callers waiting:").fill("")
    expect(full).to_be_hidden()
    expect(extension).to_be_hidden()
    # What is wrong stays in sight, though its choice is taken back before it is sent.
    tab.get_by_role("button", name="Save and continue editing").click()
    expect(closed.locator(".errorlist")).to_be_visible()
    tab.get_by_label("When closed:", exact=True).select_option("overflow")
    expect(closed).to_be_visible()
    tab.get_by_role("button", name="Save and continue editing").click()
    expect(tab.locator(".messagelist .success")).to_be_visible()
    vip.refresh_from_db()
    assert (vip.max_waiting, vip.when_full, vip.full_address) == (None, "announce", "8999")
