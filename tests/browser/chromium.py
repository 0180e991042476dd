"""Chromium by Playwright: where the browser is, how it is started, and the story's verbs on it."""

from __future__ import annotations

import os
import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-domain-reliability",
    "--no-first-run",
    "--no-pings",
    "--metrics-recording-only",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
]
PATIENCE = 30_000
#: Messages go after six seconds, which a busy machine may need to show one: tests wait for what they say.
LET_MESSAGES_STAY = (
    "const soon = setTimeout; window.setTimeout = (f, ms) => soon(f, ms === 6000 ? 600000 : ms);"
)


def find() -> str | None:
    """Return the path of the installed Chromium; CHROMIUM names another one."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    return None


def launch(playwright: Playwright, path: str) -> Browser:
    """Start the installed Chromium without a window."""
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


def context_for_story(browser: Browser, **options: Any) -> BrowserContext:
    """Return a browser with its own cookies for one person of a story."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", **options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(LET_MESSAGES_STAY)
    return context


class ChromiumDriver:
    """The verbs of ``driver.Driver``."""

    name = "chromium"

    def __init__(self, browser: Browser) -> None:
        self.context = context_for_story(browser)
        self.page: Page = self.context.new_page()

    def _find(self, target: str) -> Locator:
        return self.page.locator(f"xpath={target}").first

    def open(self, url: str) -> None:
        self.page.goto(url)

    def follow(self, target: str) -> None:
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self._find(target).click()

    def follow_twice(self, target: str) -> None:
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self._find(target).dblclick()

    def click(self, target: str) -> None:
        self._find(target).click()

    def type(self, target: str, text: str) -> None:
        self._find(target).fill(text)

    def press(self, target: str, key: str, times: int = 1) -> None:
        for _ in range(times):
            self._find(target).press(key)

    def choose(self, target: str, option: str) -> None:
        self._find(target).select_option(label=option)

    def options(self, target: str) -> list[str]:
        return self._find(target).locator("option").all_inner_texts()

    def value(self, target: str) -> str:
        return str(
            self._find(target).evaluate("e => e.tagName === 'SELECT' ? e.selectedOptions[0].text : e.value")
        )

    def is_on(self, target: str) -> bool:
        return self._find(target).is_checked()

    def text(self, target: str) -> str:
        return self._find(target).inner_text()

    def shows(self, target: str) -> bool:
        return self._find(target).is_visible()

    def wait_for(self, target: str) -> None:
        expect(self._find(target)).to_be_visible(timeout=PATIENCE)

    def wait_until_gone(self, target: str) -> None:
        expect(self._find(target)).to_be_hidden(timeout=PATIENCE)

    def address(self) -> str:
        return self.page.url

    def reload(self) -> None:
        self.page.reload()

    def close(self) -> None:
        self.context.close()
