"""A real browser on the real product.

Skipped, with that reason, where no browser is installed; REQUIRE_BROWSER=1 turns the skip into a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.demo import PASSWORD as DEMO_PASSWORD
from tests.browser import chromium, firefox
from tests.browser.chromium import ChromiumDriver
from tests.browser.driver import Driver
from tests.browser.firefox import FirefoxDriver
from tests.browser.places import CUSTOMER_USER
from tests.browser.server import Server, build_template
from tests.worlds import PASSWORD

HERE = Path(__file__).parent
NO_CHROMIUM = "no Chromium is installed (Debian: apt install chromium; or name one in CHROMIUM)"
NO_FIREFOX = "no Firefox is installed (Debian: apt install firefox-esr; or name one in FIREFOX)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = chromium.find()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {NO_CHROMIUM}")
        pytest.skip(NO_CHROMIUM)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = chromium.launch(playwright, chromium_path)
        yield started
        started.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_template(tmp_path_factory.mktemp("browser-world"))


@pytest.fixture(scope="session")
def server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product for all tests but those that restart it. When they are done, its log has to be free of faults."""
    running = Server(tmp_path_factory.mktemp("browser-server"), template)
    running.start()
    yield running
    running.stop()
    assert not running.faults()


@pytest.fixture(params=["chromium", pytest.param("firefox", marks=pytest.mark.slow)])
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    """Each of the two browsers in turn; Firefox only where it is installed."""
    opened: Driver
    if request.param == "chromium":
        opened = ChromiumDriver(request.getfixturevalue("browser"))
    else:
        path = firefox.find()
        if path is None:
            pytest.skip(NO_FIREFOX)
        opened = FirefoxDriver(path, tmp_path / "firefox")
    yield opened
    opened.close()


def password_of(email: str) -> str:
    """Return the password that the world was built with."""
    return PASSWORD if "canary" in email or email.endswith("@platform.example") else DEMO_PASSWORD


def door_of(email: str) -> str:
    """Return the sign-in page of a person: customers have their reseller's portal, everybody else the console."""
    if email == CUSTOMER_USER:
        return "/portal/harbourline/login/"
    if email.startswith("user."):
        return "/portal/north/login/" if "northcanary" in email else "/portal/south/login/"
    return "/login/"


def sign_in(page: Page, email: str, password: str | None = None) -> None:
    """Sign in through the page."""
    page.goto(door_of(email))
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password or password_of(email))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="session")
def signed_in(browser: Browser, server: Server) -> Callable[[str], Any]:
    """Return the cookies of a person who signed in through the page, once."""
    known: dict[str, Any] = {}

    def state(email: str) -> Any:
        if email not in known:
            context = browser.new_context(base_url=server.url, locale="en-GB")
            sign_in(context.new_page(), email)
            known[email] = context.storage_state()
            context.close()
        return known[email]

    return state


@pytest.fixture(scope="session")
def kept_contexts(browser: Browser) -> Iterator[dict[tuple[str | None, str], BrowserContext]]:
    """A browser for each person, kept for the tests that want no other kind: to make one costs as much as two pages."""
    contexts: dict[tuple[str | None, str], BrowserContext] = {}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_page(
    browser: Browser,
    server: Server,
    signed_in: Callable[[str], Any],
    kept_contexts: dict[tuple[str | None, str], BrowserContext],
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of a browser with its own cookies, signed in as somebody or nobody.

    Without ``has_cache`` the browser has loaded nothing of the product yet.
    """
    used: dict[tuple[str | None, str], BrowserContext] = {}

    def make(email: str | None = None, *, has_cache: bool = True, **options: Any) -> Page:
        # The same person's second browser, in one test, is another one.
        which = sum(who == email for who, _what in used)
        key = (email, f"{sorted(options.items())} {which} {has_cache}")
        state = signed_in(email) if email else None
        context = kept_contexts.get(key)
        if context is None:
            options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
            context = browser.new_context(base_url=server.url, **options)
            context.set_default_timeout(chromium.PATIENCE)
            context.add_init_script(chromium.LET_MESSAGES_STAY)
            kept_contexts[key] = context
        if state:
            context.add_cookies(state["cookies"])
        used[key] = context
        return context.new_page()

    yield make
    for context in used.values():
        _empty(context)


def _empty(context: BrowserContext) -> None:
    """Close the pages of a browser, and let it forget what they kept: the next test gets it as if it were new."""
    for page in context.pages:
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
        page.close()
    context.clear_cookies()
