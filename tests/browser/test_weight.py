"""What a page weighs on the wire: the first view of the customer list, and the next one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.places import OPS

FIRST_VIEW, REPEAT_VIEW, MOST_REQUESTS = 350_000, 60_000, 20


def _wire(page: Page, url: str) -> list[tuple[str, float]]:
    """Load ``url`` and return (address, bytes over the network) of everything that was not in the cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    urls: dict[str, str] = {}
    loaded: list[tuple[str, float]] = []
    session.on(
        "Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]})
    )

    def note(event: Any) -> None:
        if event["encodedDataLength"]:
            loaded.append((urls.get(event["requestId"], ""), event["encodedDataLength"]))

    session.on("Network.loadingFinished", note)
    page.goto(url, wait_until="networkidle")
    session.detach()
    return loaded


def test_first_view_of_the_customer_list_is_light_and_the_next_one_lighter(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(OPS, has_cache=False)

    first = _wire(page, "/customers/list/")

    assert len(first) <= MOST_REQUESTS, first
    assert 50_000 < sum(size for _url, size in first) <= FIRST_VIEW, first

    repeat = _wire(page, "/customers/list/?sort=added")

    assert 1_000 < sum(size for _url, size in repeat) <= REPEAT_VIEW, repeat
    again = [url for url, _size in repeat if "/static/" in url and "favicon" not in url]
    assert again == [], "static files stay in the browser; the tab's icon has a store of its own"
