"""The flow page in a real browser: branches by keyboard alone, by drag, and without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from customers.models import LoyaltyTier
from queues.models import Queue
from routing.models import Branch, Flow

pytestmark = pytest.mark.django_db(transaction=True)

SILVER = [[{"variable": "customer.tier", "operator": "is", "value": "silver"}]]


@pytest.fixture
def flow() -> Flow:
    for rank, name in enumerate(("Silver", "Gold", "Platinum"), start=1):
        LoyaltyTier.objects.create(name=name, slug=name.lower(), rank=rank)
    standard = Queue.objects.create(name="Standard", slug="standard", voice_kind="phone", voice_address="+390212345678")
    Queue.objects.create(name="VIP", slug="vip", voice_kind="phone", voice_address="+390212345679")
    flow = Flow.objects.create(name="Priority customers", slug="priority", last_path=standard)
    Branch.objects.create(flow=flow, position=1, label="Silver", slug="silver", queue=standard, conditions=SILVER)
    return flow


def address(flow: Flow) -> str:
    return f"/admin/routing/flow/{flow.pk}/change/"


def tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Press Tab (or Shift+Tab) until the element has the focus: only what a keyboard reaches is found."""
    for _ in range(120):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"No keyboard reaches {selector}.")


def labels(flow: Flow) -> list[str]:
    return list(flow.branches.order_by("position").values_list("label", flat=True))


NAMELESS = """() => [...document.querySelectorAll("#content :is(input, select, textarea, button)")]
    .filter(each => each.offsetParent && each.type !== "submit" && !each.textContent)
    .filter(each => !each.labels?.length && !each.getAttribute("aria-label"))
    .map(each => each.name || each.outerHTML)"""


def test_a_branch_is_added_and_moved_up_by_keyboard_alone(flow: Flow, tab: Page) -> None:
    tab.goto(address(flow))
    tab_to(tab, "#branches-group .add-row a")
    tab.keyboard.press("Enter")
    tab_to(tab, "[name=branches-1-label]", back=True)
    tab.keyboard.type("Gold or platinum")
    expect(tab.locator("[name=branches-1-slug]")).to_have_value("gold-or-platinum")
    tab_to(tab, "#branches-1 .condition-add")
    tab.keyboard.press("Enter")
    tab.keyboard.type("loyalty tier")
    tab_to(tab, "#branches-1 .condition-operator")
    tab.keyboard.type("is one of")
    for tier in ("platinum", "gold"):
        tab_to(tab, f"#branches-1 .condition-ticks input[value={tier}]")
        tab.keyboard.press("Space")
    tab_to(tab, "[name=branches-1-queue]")
    tab.keyboard.type("VIP")
    tab_to(tab, "#branches-1 .order-buttons button:first-child", back=True)
    tab.keyboard.press("Enter")
    tab_to(tab, "[name=_save]")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    expect(tab.locator(".messagelist .success")).to_be_visible()
    assert labels(flow) == ["Gold or platinum", "Silver"]
    branch = Branch.objects.get(slug="gold-or-platinum")
    assert branch.conditions == [
        [{"variable": "customer.tier", "operator": "is_one_of", "value": ["platinum", "gold"]}]
    ]
    assert Branch.objects.get(slug="silver").conditions == SILVER


def test_by_mouse_conditions_are_added_and_removed_a_refused_one_is_kept_and_branches_are_dragged(
    flow: Flow, tab: Page
) -> None:
    Branch.objects.create(flow=flow, position=2, label="Gold", slug="gold", queue=flow.last_path, conditions=SILVER)
    tab.set_viewport_size({"width": 1280, "height": 2400})
    tab.goto(address(flow))
    branch = tab.locator("#branches-0")
    add_another_group(branch)
    branch.get_by_role("button", name="And another condition").first.click()
    assert tab.evaluate(NAMELESS) == []
    save(tab)
    expect(branch.locator(".errorlist")).to_contain_text("Group 1, row 2")
    expect(branch.locator(".condition-row")).to_have_count(3)
    assert [each.conditions for each in flow.branches.all()] == [SILVER, SILVER]
    branch.get_by_role("button", name="Remove: Group 1, Condition 2").click()
    branch.get_by_role("button", name="Remove: Group 1, Condition 1").click()
    drag_above(tab, "#branches-1 h3 b", "#branches-0 h3 b")
    save(tab)
    assert labels(flow) == ["Gold", "Silver"]
    assert flow.branches.get(slug="silver").conditions == [
        [{"variable": "customer.purchases", "operator": "at_least", "value": 10}]
    ]


def add_another_group(branch: Locator) -> None:
    branch.get_by_role("button", name="Or another group").click()
    branch.page.keyboard.type("purchases")
    second = branch.get_by_role("group", name="Group 2")
    second.get_by_label("comparison").select_option("at_least")
    second.get_by_label("value", exact=True).fill("10")


def drag_above(page: Page, lower: str, upper: str) -> None:
    """A browser believes in a drag only after several moves."""
    taken, there = (page.locator(each).bounding_box() for each in (lower, upper))
    assert taken
    assert there
    page.mouse.move(taken["x"] + 5, taken["y"] + 5)
    page.mouse.down()
    page.mouse.move(there["x"] + 5, there["y"] + 5, steps=12)
    page.mouse.up()


def save(page: Page) -> None:
    with page.expect_navigation():
        page.click("[name=_save]")


def test_without_javascript_conditions_are_lines_of_text(
    flow: Flow, browser: Browser, window: BrowserContext, live_server: Any
) -> None:
    plain = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=window.storage_state()
    )
    page = plain.new_page()
    page.goto(address(flow))
    text = page.locator("[name=branches-0-conditions]")
    expect(text).to_have_value("customer.tier is silver")
    text.fill("customer.tier is_one_of silver, gold\nor\ncustomer.purchases at_least 10")
    page.click("[name=_save]")
    plain.close()
    assert flow.branches.get().conditions == [
        [{"variable": "customer.tier", "operator": "is_one_of", "value": ["silver", "gold"]}],
        [{"variable": "customer.purchases", "operator": "at_least", "value": 10}],
    ]
