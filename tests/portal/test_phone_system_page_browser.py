"""The page of a phone system in a browser: choosing a kind says what is usual for it, and fills it in."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from queues.models import PhoneSystem

pytestmark = pytest.mark.django_db(transaction=True)


def test_choosing_a_kind_fills_in_what_is_usual_and_says_so(tab: Page) -> None:
    tab.goto(reverse("admin:queues_phonesystem_add"))
    kind = tab.get_by_label("Kind:")
    answers, learns = tab.get_by_label("Answers at once"), tab.get_by_label("Learns priority and skills by:")
    expect(learns).to_have_value("queue_prio")
    kind.select_option("other")
    expect(tab.locator("[data-kind]:visible")).to_contain_text("We cannot know whether it answers at once")
    expect(answers).not_to_be_checked()
    expect(learns).to_have_value("header")
    kind.select_option("threecx")
    expect(answers).to_be_checked()
    expect(learns).to_have_value("address")
    learns.select_option("header")
    tab.get_by_label("Name:", exact=True).fill("Branch office")
    tab.get_by_role("button", name="Save and continue editing").click()
    # What somebody chose otherwise stays, though the page is loaded anew.
    expect(learns).to_have_value("header")
    expect(tab.get_by_text("class 1: X-Priority: 20")).to_be_visible()
    assert PhoneSystem.objects.get().learns_by == "header"
