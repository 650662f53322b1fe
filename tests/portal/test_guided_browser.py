"""Five minutes: from an empty portal to a published release that knows its VIP callers, in a browser."""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contactcenter.foundation.models import GuidedSetUp
from customers import sync
from customers.models import SyncRun
from routing.contacts import Contact
from routing.models import ProviderAccount, Release
from routing.trial import try_call
from tests.browser import keep

pytestmark = pytest.mark.django_db(transaction=True)

MOST_INTERACTIONS = 40
VIP_CALLS = "+393471234501"


class Hands:
    """Counts what a person does: each click, each field that is filled, each choice."""

    def __init__(self) -> None:
        self.interactions = 0

    def __getattr__(self, verb: str) -> Callable[..., None]:
        def does(place: Locator, *what: Any) -> None:
            self.interactions += 1
            getattr(place, verb)(*what)

        return does


def test_a_supervisor_sets_priority_routing_up(tab: Page) -> None:
    ProviderAccount.objects.create(name="Own SBC", slug="own-sbc", dialect="native")
    hands = Hands()

    def button(name: str) -> Locator:
        return tab.get_by_role("button", name=name, exact=True)

    tab.goto("/admin/")
    hands.click(tab.get_by_role("link", name="Set up priority routing in five minutes"))
    hands.fill(tab.get_by_label("Number that people call"), "+39 02 555 12345")
    hands.fill(tab.get_by_label("What it is called"), "Service hotline")
    keep(tab, "guided-number")
    hands.click(button("Next"))
    expect(tab.locator(".field-hosts")).to_be_visible()
    hands.fill(tab.get_by_label("Its name"), "Head office PBX")
    hands.fill(tab.get_by_label("Its SIP hosts"), "127.0.0.1:22049")
    for label, extension in (("VIP customers", "8001"), ("priority customers", "8002"), ("everyone else", "8003")):
        hands.fill(tab.get_by_label(f"Extension for {label}"), extension)
    hands.click(button("Check the phone system"))
    expect(tab.locator("#check")).to_contain_text("127.0.0.1:22049")
    expect(tab.get_by_label("Extension for everyone else")).to_have_value("8003")
    hands.click(button("Next"))
    hands.select_option(tab.get_by_label("How do we know them?"), "colleague")
    expect(tab.locator(".field-text")).to_be_hidden()
    hands.select_option(tab.get_by_label("How do we know them?"), "list")
    hands.fill(tab.get_by_label("The list, pasted"), f"Name,Phone\nAda Rossi,{VIP_CALLS}\n")
    hands.click(button("Next"))
    expect(tab.get_by_text("Gold customers wait at 8001 on Head office PBX.")).to_be_visible()
    read_lists()
    hands.click(button("Make the draft and try it"))
    expect(tab.get_by_role("row", name="Ada Rossi")).to_contain_text("Goes to VIP")
    keep(tab, "guided-publish")
    hands.click(button("Publish: make it live"))
    expect(tab.get_by_text("Release 1 is live.")).to_be_visible()
    assert hands.interactions <= MOST_INTERACTIONS
    assert not GuidedSetUp.objects.exists()
    live = Release.objects.get()
    for caller, queue in ((VIP_CALLS, "vip"), ("+393479999999", "standard")):
        contact = Contact("test", "call", "+390255512345", caller, "voice")
        tried = try_call(json.loads(live.document), live.number, contact, live.published_at)
        assert tried.evaluation.answer["queue"] == queue


def read_lists() -> None:
    """What the worker does."""
    for run in SyncRun.objects.filter(state__in=SyncRun.UNFINISHED):
        for _step in range(20):
            sync.step(run.pk, monotonic() + 20)
