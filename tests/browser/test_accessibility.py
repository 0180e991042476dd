"""Every screen: axe-core finds nothing, nothing scrolls sideways, the console is silent, nothing leaves the server.

``make test`` looks at a screen of every kind: in the light theme on a wide window, at its colours in the dark theme,
and at its width on phones. Every screen, and the product of themes and widths, is for ``make check-long``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium
from tests.browser.places import PLACES, Place
from tests.browser.server import Server

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
#: One screen of every kind; the others are looked at in ``make check-long``.
EVERY_KIND = {
    "sign-in",
    "home",
    "customers",
    "customer-add",
    "customer-provider",
    "customer-charges",
    "settings",
    "pricebook-rules",
    "import",
    "statement",
    "portal",
}
RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
WIDE, PHONE = 1280, 390
SIDEWAYS = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    return [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
        .filter(e => !e.closest(".table-responsive, .ct-sidebar"))
        .slice(0, 5).map(e => e.outerHTML.slice(0, 120));
}"""


class Looker:
    """A person's page, and what the browser complained about since it was opened."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.complaints: list[str] = []
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", self._note_request)

    def _note_message(self, message: Any) -> None:
        # Chromium writes a line for every answer of 400 and above; some of the screens are such answers.
        if (
            message.type in ("error", "warning")
            and "the server responded with a status of 4" not in message.text
        ):
            self.complaints.append(f"{message.type}: {message.text}")

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.complaints.append(f"left the server: {request.url}")

    def open(self, url: str, status: int) -> None:
        self.complaints.clear()
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        answer = self.page.goto(url, wait_until="load")
        assert answer is not None
        assert answer.status == status
        self.page.evaluate(AXE)

    def dress(self, theme: str, width: int) -> None:
        """Change theme and width as the button and the window's edge do."""
        self.page.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)
        self.page.set_viewport_size({"width": width, "height": 900})

    def violations(self, only: dict[str, Any]) -> str:
        found = self.page.evaluate(RUN, only)["violations"]
        return "\n".join(
            f"{one['id']}: {one['help']}\n"
            + "\n".join(
                f"    {' '.join(map(str, node['target']))}: {json.dumps(node['html'])[:160]} "
                f"{node['any'][0]['message'][:160] if node['any'] else ''}"
                for node in one["nodes"][:4]
            )
            for one in found
        )


@pytest.fixture(scope="module")
def looker_of(
    browser: Browser, server: Server, signed_in: Callable[[str], Any]
) -> Iterator[Callable[..., Looker]]:
    """One page per person for all their screens."""
    lookers: dict[tuple[str | None, str], Looker] = {}
    contexts: list[BrowserContext] = []

    def find(who: str | None, locale: str = "en-GB") -> Looker:
        if (who, locale) not in lookers:
            context = browser.new_context(
                base_url=server.url,
                storage_state=signed_in(who) if who else None,
                reduced_motion="reduce",
                locale=locale,
            )
            context.set_default_timeout(chromium.PATIENCE)
            contexts.append(context)
            lookers[who, locale] = Looker(context.new_page(), server.url)
        return lookers[who, locale]

    yield find
    for context in contexts:
        context.close()


def test_the_checks_find_what_is_wrong(looker_of: Callable[..., Looker]) -> None:
    looker = looker_of(None)
    looker.open("/login/", 200)

    looker.page.evaluate(
        """() => {
            document.querySelector("main").insertAdjacentHTML("beforeend", '<img src="data:,"><div id="wide">x</div>');
            document.getElementById("wide").style.width = "3000px";
            console.error("something broke");
            return fetch("http://127.0.0.1:9/").catch(() => null);
        }"""
    )

    assert "image-alt" in looker.violations(ALL)
    assert "wide" in looker.page.evaluate(SIDEWAYS)[0]
    assert any("something broke" in line for line in looker.complaints)
    assert any("Content Security Policy" in line for line in looker.complaints)


@pytest.mark.parametrize(
    "place",
    [place if place.name in EVERY_KIND else pytest.param(place, marks=pytest.mark.slow) for place in PLACES],
    ids=lambda place: place.name,
)
def test_screen(place: Place, server: Server, looker_of: Callable[..., Looker]) -> None:
    looker = looker_of(place.who)
    looker.open(place.url(server), place.status)

    assert looker.violations(ALL) == ""
    looker.dress("dark", WIDE)
    assert looker.violations(COLOURS) == ""
    for width in (PHONE, 320):
        looker.dress("light", width)
        assert looker.page.evaluate(SIDEWAYS) == [], f"scrolls sideways at {width} px"
    assert looker.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [WIDE, 768, PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_screen_in_every_dress(
    place: Place, theme: str, width: int, server: Server, looker_of: Callable[..., Looker]
) -> None:
    looker = looker_of(place.who)
    looker.open(place.url(server), place.status)
    looker.dress(theme, width)

    assert looker.violations(ALL) == ""


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_screen_in_german(place: Place, server: Server, looker_of: Callable[..., Looker]) -> None:
    """German words are a third longer; they have to fit as well."""
    looker = looker_of(place.who, "de-DE")
    looker.open(place.url(server), place.status)

    assert looker.page.locator("html").get_attribute("lang") == "de"
    assert looker.violations(ALL) == ""
    for width in (WIDE, 768, PHONE, 320):
        looker.dress("light", width)
        assert looker.page.evaluate(SIDEWAYS) == [], f"scrolls sideways at {width} px"
    assert looker.complaints == []
