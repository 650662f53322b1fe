"""The portal's pages in a real browser, in English at a desk and in Arabic on a phone, in light and in dark.

Nothing in the console (the content security policy speaks there too), nothing to scroll sideways, and nothing that
axe-core calls serious or critical. `make test` opens the pages of every day, `make test-long` every page there is,
once more in the dark, and prints those that people print.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from contactcenter.accounts.models import User
from customers.models import Customer
from queues.models import Queue
from routing.models import Decision, Flow, Number, Release
from tests.browser import keep
from tests.portal.monday import crm_answers, monday

pytestmark = pytest.mark.django_db(transaction=True)

OUR_APPS = ("accounts", "audit", "auth", "customers", "queues", "routing", "tables")
DESK, PHONE = ("en", 1280), ("ar", 390)
WIDTHS = (1280, 390)
DIRECTIONS = {"en": "ltr", "ar": "rtl"}
A4 = 688
"""The width of a sheet of paper without its margins, in pixels."""

GRAVE = ("serious", "critical")
OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
ONLY_COLOURS = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def portal(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Monday morning."""
    monkeypatch.setattr("routing.variables.run_steps", crm_answers)
    monday()
    return str(live_server.url)


def of_every_day() -> Iterator[tuple[str, str]]:
    """The pages of every day, each with the name of its picture in the guide."""
    yield "home", reverse("admin:index")
    yield "try", f"{reverse('try_a_call')}?decision={Decision.objects.latest('decided_at').pk}"
    yield "publish", reverse("admin:routing_release_publish")
    for thing in (Flow.objects.get(), Queue.objects.get(slug="vip"), Number.objects.get(channel="voice")):
        yield thing._meta.model_name or "", address(type(thing), "change", thing.pk)
    yield "decision", address(Decision, "change", Decision.objects.latest("decided_at").pk)
    yield "customers", address(Customer, "changelist")
    yield "", address(Decision, "changelist")


def every_one() -> Iterator[tuple[str, str]]:
    """Each list and form, the history and the end of each thing, and the pages that are of no model."""
    yield from of_every_day()
    for name in ("what_if", "guided", "admin:routing_pilot_start", "mfa_index"):
        yield "", reverse(name)
    yield "", reverse("admin:routing_release_roll_back", args=[Release.objects.get().pk])
    for model, page in admin.site._registry.items():
        if model._meta.app_label not in OUR_APPS:
            continue
        yield "", address(model, "changelist")
        if model._meta.label == "routing.ReportInterval":
            continue  # figures: its page is the reports
        if hasattr(page, "add_view"):
            yield "", address(model, "add")
        first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        if first is not None:
            yield from (("", address(model, view, first)) for view in ("change", "history", "delete"))


def address(model: Any, view: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=arguments)


def test_the_pages_of_every_day(portal: str, browser: Browser) -> None:
    found = [what for which in (DESK, PHONE) for what in tour(browser, portal, *which, of_every_day())]
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("language", "width"), [DESK, PHONE], ids=["in English at a desk", "in Arabic on a phone"])
def test_every_page(portal: str, browser: Browser, language: str, width: int) -> None:
    found = tour(browser, portal, language, width, every_one())
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_page_can_be_read_in_the_dark(portal: str, browser: Browser) -> None:
    found = []
    windows = [visit(browser, portal, *which, color_scheme="dark").new_page() for which in (DESK, PHONE)]
    for page, (_name, each) in zip(cycle(windows), every_one(), strict=False):
        page.goto(each)
        found += [f"{each}: {what}" for what in barriers(page, ONLY_COLOURS)]
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_is_printed_is_black_on_white_and_nothing_is_pressed_or_cut_off(
    portal: str, browser: Browser, language: str
) -> None:
    page = visit(browser, portal, language, A4, color_scheme="dark").new_page()
    page.emulate_media(media="print")
    for _name, each in of_every_day():
        page.goto(each)
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)", each
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light", each
        assert page.locator("#menu, #header, .breadcrumbs, button, .button").filter(visible=True).count() == 0, each
        assert page.evaluate(WIDER_THAN_THE_WINDOW) <= 0, each


def visit(browser: Browser, portal: str, language: str, width: int, **further: Any) -> BrowserContext:
    """A window in which whoever may do everything is logged in."""
    context = browser.new_context(base_url=portal, locale=language, viewport={"width": width, "height": 900}, **further)
    client = Client()
    client.force_login(User.objects.get(is_superuser=True))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": portal}])
    return context


def tour(browser: Browser, portal: str, language: str, width: int, addresses: Iterator[tuple[str, str]]) -> list[str]:
    """What a visitor who looks everywhere could complain of."""
    context = visit(browser, portal, language, width)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("response", lambda got: said.append(f"{got.status} {got.url}") if got.status > 403 else None)
    complaints: list[str] = []
    for name, each in addresses:
        answer = page.goto(each)
        assert answer is not None
        if answer.status == 403:
            said.clear()
            continue  # nothing of it is made by hand
        if answer.status != 200:
            complaints.append(f"{each} answered {answer.status}")
        if page.evaluate("document.documentElement.dir") != DIRECTIONS[language]:
            complaints.append(f"{each} is not written in the direction of {language}")
        complaints += [f"{each}: {what}" for what in sideways(page)]
        if name:
            keep(page, f"guide-{name}-{language}")
        complaints += [f"{each}: {what}" for what in [*said, *barriers(page)]]
        said.clear()  # axe-core tries styles that the policy refuses: that is not the page's
    context.close()
    return [f"{language}: {what}" for what in complaints]


def sideways(page: Page) -> Iterator[str]:
    """How much of it lies beside a window, on a desk and on a phone, whichever it is read on."""
    window = page.viewport_size
    assert window is not None
    for width in WIDTHS:
        page.set_viewport_size({**window, "width": width})
        if (too_wide := page.evaluate(WIDER_THAN_THE_WINDOW)) > 0:
            yield f"{too_wide} pixels wider than a window of {width}"
    page.set_viewport_size(window)


def barriers(page: Page, options: dict[str, Any] = OPTIONS) -> Iterator[str]:
    """What axe-core finds that keeps somebody out."""
    for violation in Axe().run(page, options=options).response["violations"]:
        if violation["impact"] in GRAVE:
            places = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
            yield f"{violation['id']} ({violation['help']}): {places}"
