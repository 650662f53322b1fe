"""A real browser for the portal's pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from playwright.sync_api import Browser, BrowserContext, Page

import contactcenter.urls  # noqa: F401 - the admin's pages come with them: tables of cases are made of its models


@pytest.fixture
def without_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of hundreds of pages: the menu of each costs more than the page."""
    monkeypatch.setattr(admin.site, "get_app_list", lambda *_: [])


@pytest.fixture
def window(browser: Browser, live_server: Any, supervisor_client: Any) -> Iterator[BrowserContext]:
    """A window in which the supervisor is logged in."""
    context = browser.new_context(base_url=live_server.url, locale="en", viewport={"width": 1280, "height": 900})
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": supervisor_client.cookies[name].value, "url": live_server.url}])
    yield context
    context.close()


@pytest.fixture
def tab(window: BrowserContext) -> Iterator[Page]:
    """A page that must stay without a single error in its console."""
    page = window.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
