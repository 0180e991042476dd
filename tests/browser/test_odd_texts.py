"""Texts that nobody expects: scripts, and words of two hundred letters."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.steps import NORTH_OPS, Open, fill_in_customer

PAYLOAD = "\"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'"


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD,
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("javascript:alert(1)", "{{ config }}${7*7}")),
    ],
)
def test_script_in_every_text_field_runs_nowhere(open_page: Open, payload: str) -> None:
    page = open_page(NORTH_OPS)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    fill_in_customer(page, f"Payload {payload}")
    for name in ("contact_name", "external_id", "contact_title", "phone", "street", "city", "state"):
        page.locator(f"#{name}").fill(payload)
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Payload {payload}")
    url = page.url

    for place in (
        "/customers/list/",
        "/customers/list/?q=Payload",
        "/home/",
        "/audit/list/",
        f"{url}timeline/",
        url,
    ):
        page.goto(place)
    assert page.locator("#contact_name").input_value() == payload, "kept as it was entered"
    assert dialogs == []
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.slow
def test_a_word_of_two_hundred_letters_widens_no_page(open_page: Open) -> None:
    page, word = open_page(NORTH_OPS), "W" * 190
    fill_in_customer(page, word)
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(word)
    url = page.url

    for place in (
        url,
        f"{url}timeline/",
        f"{url}users/",
        "/customers/list/?q=WWWW",
        "/audit/list/",
        "/home/",
    ):
        page.goto(place)
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{place} at {width}: {beyond} px beyond the edge"
