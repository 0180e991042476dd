"""Take pictures of every screen: ``python -m tests.browser.screens [name ...]`` writes into screenshots/.

Each screen in both themes at 1280 and 390 pixels, of the demo world on its own server. ``customer-charges`` in light at
1280 is the README's picture as well and goes to docs/images/customer.png.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.conftest import NO_CHROMIUM, sign_in
from tests.browser.places import PLACES, Place
from tests.browser.server import ROOT, Server, build_template

FOLDER = ROOT / "screenshots"
README_PICTURE = ROOT / "docs" / "images" / "customer.png"
README_PLACE = "customer-charges"
THEMES, WIDTHS = ("light", "dark"), {1280: 900, 390: 844}


def _page_of(who: str | None, browser: Browser, server: Server) -> Page:
    context = browser.new_context(base_url=server.url, reduced_motion="reduce", locale="en-GB")
    page = context.new_page()
    if who is not None:
        sign_in(page, who)
    return page


def _take(place: Place, page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(place.url(server))
    page.evaluate("document.fonts.ready")
    for theme in THEMES:
        page.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=FOLDER / f"{place.name}-{width}-{theme}.png", full_page=True)
    if place.name == README_PLACE:
        README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.screenshot(path=README_PICTURE)


def main(names: list[str]) -> int:
    """Take the pictures of the named screens, of all without a name."""
    path = chromium.find()
    if path is None:
        sys.stderr.write(f"No pictures: {NO_CHROMIUM}\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "instance", build_template(Path(folder) / "world"))
        server.start()
        browser = chromium.launch(playwright, path)
        try:
            pages: dict[str | None, Page] = {}
            for place in PLACES:
                if not names or place.name in names:
                    if place.who not in pages:
                        pages[place.who] = _page_of(place.who, browser, server)
                    _take(place, pages[place.who], server)
        finally:
            browser.close()
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
