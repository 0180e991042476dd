"""The global discount or uplift: what is typed stays as it was typed, and the server answers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import OPS

Open = Callable[..., Page]
SAVE = "Save discount or uplift"


def open_slider(open_page: Open) -> Page:
    page = open_page(OPS)
    page.goto("/customers/list/")
    page.get_by_role("link", name="Brightmoor Logistics GmbH", exact=True).click()
    page.get_by_role("link", name="Charges and Discounts").last.click()
    return page


def test_typed_values_are_never_rewritten(open_page: Open) -> None:
    page = open_slider(open_page)
    number = page.get_by_label("Global discount or uplift in percent")

    number.fill("-150")
    number.blur()
    expect(number).to_have_value("-150")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("at least −100").first).to_be_visible()
    expect(number).to_have_value("-150")

    number.fill("")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("Enter a number.").first).to_be_visible()

    number.fill("-3.1234")
    page.get_by_role("button", name=SAVE).click()
    expect(number).to_have_value("-3.1234")
    expect(page.locator("[data-slider-word]")).to_have_text("3.1234\u00a0% discount")


@pytest.mark.slow
def test_only_a_large_value_is_asked_about(open_page: Open) -> None:
    page = open_slider(open_page)
    number = page.get_by_label("Global discount or uplift in percent")

    number.fill("-60")
    page.get_by_role("button", name=SAVE).click()
    dialog = page.get_by_role("alertdialog").or_(page.get_by_role("dialog"))
    expect(dialog).to_contain_text("Save 60.00\u00a0% discount for Brightmoor Logistics GmbH?")
    page.get_by_role("button", name="Keep editing").click()

    number.fill("-6")
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator("[data-slider-word]")).to_have_text("6.00\u00a0% discount")
    expect(number).to_have_value("-6.00")
