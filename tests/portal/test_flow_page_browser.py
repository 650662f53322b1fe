"""The flow page in a real browser: branches by keyboard alone, by drag, and without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

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


def test_branches_are_sorted_by_drag(flow: Flow, tab: Page) -> None:
    Branch.objects.create(flow=flow, position=2, label="Gold", slug="gold", queue=flow.last_path, conditions=SILVER)
    tab.set_viewport_size({"width": 1280, "height": 2400})
    tab.goto(address(flow))
    lower, upper = (tab.locator(f"#branches-{row} h3 b").bounding_box() for row in (1, 0))
    assert lower
    assert upper
    tab.mouse.move(lower["x"] + 5, lower["y"] + 5)
    tab.mouse.down()
    tab.mouse.move(upper["x"] + 5, upper["y"] + 5, steps=12)  # a browser believes in a drag only after several moves
    tab.mouse.up()
    with tab.expect_navigation():
        tab.click("[name=_save]")
    assert labels(flow) == ["Gold", "Silver"]


def test_a_second_group_is_added_and_a_row_removed(flow: Flow, tab: Page) -> None:
    tab.goto(address(flow))
    branch = tab.locator("#branches-0")
    branch.get_by_role("button", name="Or another group").click()
    tab.keyboard.type("purchases")
    second = branch.get_by_role("group", name="Group 2")
    second.get_by_label("comparison").select_option("at_least")
    second.get_by_label("value", exact=True).fill("10")
    assert tab.evaluate(NAMELESS) == []
    branch.get_by_role("button", name="Remove: Group 1, Condition 1").click()
    with tab.expect_navigation():
        tab.click("[name=_save]")
    assert flow.branches.get().conditions == [[{"variable": "customer.purchases", "operator": "at_least", "value": 10}]]


def test_a_refused_condition_is_named_and_kept(flow: Flow, tab: Page) -> None:
    tab.goto(address(flow))
    tab.locator("#branches-0").get_by_role("button", name="And another condition").click()
    with tab.expect_navigation():
        tab.click("[name=_save]")
    expect(tab.locator("#branches-0 .errorlist")).to_contain_text("Group 1, row 2")
    expect(tab.locator("#branches-0 .condition-row")).to_have_count(2)
    assert flow.branches.get().conditions == SILVER


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


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_page_never_scrolls_sideways(
    language: str, direction: str, flow: Flow, browser: Browser, window: BrowserContext, live_server: Any
) -> None:
    other = browser.new_context(base_url=live_server.url, locale=language, storage_state=window.storage_state())
    page = other.new_page()
    for path in ("/admin/", address(flow), "/admin/routing/decision/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.dir") == direction
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not page.evaluate(too_wide), (path, width)
    other.close()
