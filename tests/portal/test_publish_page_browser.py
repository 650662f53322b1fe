"""The publish page in a real browser: a tick is looked at at once, and what it needs is offered."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contactcenter.accounts.models import User
from queues.models import Queue
from routing import publishing
from routing.models import Flow
from tests.routing.draft import good_draft

pytestmark = pytest.mark.django_db(transaction=True)


def save(thing: Any, by: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(thing, name, value)
    thing._history_user = by
    thing.save()


def test_ticking_is_looked_at_at_once_and_only_what_is_ticked_goes_live(tab: Page, supervisor: User) -> None:
    good_draft()
    publishing.publish("The beginning.", None)
    bob = User.objects.create_user("bob")
    vip = Queue.objects.get(slug="vip")
    save(vip, supervisor, head_start_s=0)
    night = Queue(name="Night", slug="night", phone_system=vip.phone_system, help_desk=vip.help_desk)
    save(night, bob, voice_address="8009", team="Night")
    save(Flow.objects.get(), bob, last_path=night)

    tab.goto("/admin/routing/release/publish/")
    expect(tab.get_by_label("Queue “VIP”")).to_be_checked()
    expect(tab.get_by_label("Flow “Priority customers”")).not_to_be_checked()
    tab.locator("[name=note]").fill("Everyone else goes to the night queue.")
    tab.get_by_label("Flow “Priority customers”").check()
    expect(tab.locator("#lacks + ul")).to_contain_text("Flow “Priority customers” also needs: Queue “Night”")
    expect(tab.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    tab.get_by_role("button", name="Tick this as well").click()
    expect(tab.get_by_label("Queue “Night”")).to_be_checked()
    tab.get_by_label("Queue “VIP”").uncheck()
    expect(tab.locator("[name=note]")).to_have_value("Everyone else goes to the night queue.")
    tab.get_by_role("button", name="Publish", exact=True).click()
    expect(tab.locator(".messagelist")).to_contain_text("Release 2 is published.")
    assert [each.path for each in publishing.draft_differs()] == [("queues", "vip", "head_start_s")]
