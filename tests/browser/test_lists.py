"""Lists with more in them than fits: long names of views, many columns, and what says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import OPS
from tests.browser.steps import Open


def show_all_columns(page: Page) -> None:
    page.goto("/customers/list/")
    page.locator("summary").filter(has_text="Columns").click()
    for box in page.locator("input[name=columns][type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Show columns").click()
    page.wait_for_url("**columns=**")


@pytest.mark.slow
def test_a_long_name_of_a_view_leaves_room_for_the_others(open_page: Open) -> None:
    page = open_page(OPS)
    page.set_viewport_size({"width": 1280, "height": 900})
    name = "Customers of Yggdrasil gypsy quay that joyfully pay by proxy"
    page.goto("/customers/list/?status=active")
    page.locator("summary").filter(has_text="Save this view").click()
    page.get_by_label("Name of the view").fill(name)
    page.get_by_role("button", name="Save view", exact=True).click()

    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name=name)
    box = tab.bounding_box()
    signs = tab.locator("span").first.evaluate("it => [it.scrollHeight, it.clientHeight]")
    page.locator("summary").filter(has_text="Change view").click()
    page.get_by_role("button", name="Remove view").click()

    assert box and box["width"] < 240
    assert signs[0] <= signs[1], "its letters are cut"
    expect(tab).to_have_count(0)


def test_a_wide_list_says_that_it_goes_on_and_scrolls_by_keyboard(open_page: Open) -> None:
    page = open_page(OPS)
    page.set_viewport_size({"width": 1280, "height": 900})
    show_all_columns(page)
    table = page.get_by_role("region", name="Customers: table, scrolls sideways")
    expect(table).to_have_class("table-responsive has-more")

    table.focus()
    page.keyboard.press("ArrowRight")
    expect(table).not_to_have_js_property("scrollLeft", 0)
    table.evaluate("it => { it.scrollLeft = it.scrollWidth }")
    expect(table).to_have_class("table-responsive")


@pytest.mark.slow
def test_a_list_that_fits_is_no_stop_on_the_way(open_page: Open) -> None:
    page = open_page(OPS)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/customers/list/?columns=organization&columns=country")

    expect(page.locator(".table-responsive")).not_to_have_attribute("tabindex", "0")


@pytest.mark.slow
def test_both_days_of_the_change_log_say_which_they_are(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/audit/list/")

    for word in ("From", "Until"):
        expect(page.locator("label").get_by_text(word, exact=True)).to_be_visible()
        expect(page.get_by_label(word, exact=True)).to_have_attribute("type", "date")
