"""The browser that tests drive: one for each process of the run."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

SCREENSHOTS = "SCREENSHOTS"
"""Names a folder: SCREENSHOTS=docs/images pytest ... draws the pictures of the docs anew."""

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same engine without a window around it: a page costs it a third of the processor's time."""
PATIENCE_MS = 20_000
"""Playwright's own 5 s are too few on a machine that stands still now and then."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; Playwright's own where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        )
        expect.set_options(timeout=PATIENCE_MS)
        # Playwright keeps an event loop in this thread, and Django would refuse to touch the database beside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield chromium
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        chromium.close()


def keep(page: Page, name: str) -> None:
    """The page as a picture for the docs, when somebody asked for pictures."""
    if folder := os.environ.get(SCREENSHOTS):
        window = page.viewport_size
        assert window is not None
        height = page.evaluate("document.documentElement.scrollHeight")
        # As high as the page: what sticks to the window's edge hides nothing then.
        page.set_viewport_size({"width": window["width"], "height": height})
        page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)
        page.set_viewport_size(window)
