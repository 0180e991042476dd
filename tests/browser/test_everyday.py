"""What people do all day, with the keyboard and with the mouse, and what must not happen while they do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.places import OPS
from tests.browser.server import Server
from tests.browser.steps import NORTH_OPS, SOUTH_OPS, Open, asked_elsewhere, fill_in_customer, find_customer


def focused(page: Page) -> str:
    """Return what the focused element says."""
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.id").strip())


def tab_to(page: Page, wanted: str, most: int = 80) -> None:
    """Press Tab until the element with these words has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page).startswith(wanted):
            return
    raise AssertionError(f"{wanted!r} cannot be reached with {most} times Tab")


def test_customer_opens_by_keyboard_alone(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/customers/list/")

    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    tab_to(page, "Brightmoor Logistics GmbH")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none", "the focus can be seen"
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Brightmoor Logistics GmbH")


@pytest.mark.slow
def test_double_click_opens_a_row(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/customers/list/")

    page.get_by_role("row").filter(has_text="Tessera Health AG").get_by_role("cell").nth(2).dblclick()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Tessera Health AG")


@pytest.mark.slow
def test_menu_walks_by_arrows_and_escape_gives_the_focus_back(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/home/")
    opener = page.locator("summary").filter(has_text="Your account")

    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Your profile")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Your profile"
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Your profile")).to_be_hidden()
    expect(opener).to_be_focused()


@asked_elsewhere
def test_filters_stand_in_the_address_and_survive_a_reload(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/customers/list/")

    page.get_by_label("Provider", exact=True).select_option(label="Google Cloud")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.wait_for_url("**/customers/list/?provider=google")
    rows = page.locator("tbody tr .ct-name a").all_inner_texts()
    assert 0 < len(rows) < 20
    page.reload()

    assert page.locator("tbody tr .ct-name a").all_inner_texts() == rows
    assert page.get_by_label("Provider", exact=True).input_value() == "google"


def test_search_in_the_top_bar_finds_by_part_of_a_name(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/home/")

    page.keyboard.press("Control+k")
    page.keyboard.type("ssera hea")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=ssera+hea")
    expect(page.locator("main").get_by_role("link", name="Tessera Health AG")).to_be_visible()


@pytest.mark.slow
def test_confirmation_names_the_customer_and_escape_keeps_it(open_page: Open) -> None:
    page = open_page(SOUTH_OPS)
    find_customer(page, "Other southcanary GmbH")
    actions = page.locator("summary").filter(has_text="Actions")

    actions.click()
    page.get_by_role("button", name="Archive customer").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Archive Other southcanary GmbH?")
    expect(page.get_by_role("button", name="Keep customer")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('details') !== null"), (
        "the focus is back in the menu"
    )
    page.reload()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Archived")

    actions.click()
    page.get_by_role("button", name="Archive customer").click()
    dialog.get_by_role("button", name="Archive customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Archived")


def test_double_click_on_save_makes_one_customer(open_page: Open, server: Server) -> None:
    page = open_page(NORTH_OPS)
    fill_in_customer(page, "Once Only Ltd")

    page.get_by_role("button", name="Save customer").dblclick()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Once Only Ltd")
    assert server.ask("SELECT count(*) FROM customers WHERE organization = 'Once Only Ltd'") == 1


@pytest.mark.slow
def test_form_sent_again_from_history_makes_one_customer(open_page: Open, server: Server) -> None:
    page = open_page(NORTH_OPS)
    fill_in_customer(page, "History Ltd")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("History Ltd")

    page.go_back()
    page.locator("#organization").fill("History Ltd")
    page.get_by_role("button", name="Save customer").click()
    page.wait_for_load_state()

    assert server.ask("SELECT count(*) FROM customers WHERE organization = 'History Ltd'") == 1


def test_error_summary_takes_the_focus_and_leads_to_the_field(open_page: Open) -> None:
    page = open_page(NORTH_OPS)
    page.goto("/customers/add")
    page.locator("#organization").fill("Kept Input Ltd")
    page.locator("#email").fill("nobody")
    page.get_by_role("button", name="Save customer").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    expect(summary).to_contain_text("There is a problem")
    summary.get_by_role("link", name="Enter an email address in the form name@example.com.").click()
    expect(page.locator("#email")).to_be_focused()
    assert page.locator("#email").get_attribute("aria-invalid") == "true"
    assert page.locator("#organization").input_value() == "Kept Input Ltd"


@asked_elsewhere
def test_customer_is_made_without_script(open_page: Open, server: Server) -> None:
    page = open_page(None, java_script_enabled=False)
    sign_in(page, NORTH_OPS)
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name="Add customer").click()
    page.locator("#organization").fill("No Script Ltd")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.locator("#contact_name").fill("Ann Contact")
    page.locator("#email").fill("ann@example.example")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("No Script Ltd")

    page.get_by_role("link", name="Cloud Providers").click()
    page.get_by_role("link", name="Amazon Web Services").click()
    page.get_by_label("Authorised", exact=True).check()
    page.get_by_role("button", name="Save provider").click()

    expect(page.get_by_role("row").filter(has_text="Amazon Web Services")).to_contain_text("Authorised")


@pytest.mark.slow
@asked_elsewhere
def test_a_view_is_kept_without_script_and_by_keyboard(open_page: Open) -> None:
    page = open_page(None, java_script_enabled=False)
    sign_in(page, NORTH_OPS)
    page.goto("/customers/list/")
    page.locator("summary").filter(has_text="Columns").press("Enter")
    page.get_by_role("checkbox", name="Country").press("Space")
    page.get_by_role("button", name="Show columns").press("Enter")
    expect(page.get_by_role("columnheader", name="Country")).to_be_visible()

    page.locator("summary").filter(has_text="Save this view").press("Enter")
    page.get_by_label("Name of the view").fill("With country")
    page.get_by_role("button", name="Save view", exact=True).press("Enter")
    page.goto("/customers/list/")
    page.get_by_role("link", name="With country").press("Enter")

    expect(page.get_by_role("columnheader", name="Country")).to_be_visible()
    expect(page.get_by_role("link", name="With country")).to_have_attribute("aria-current", "page")


def test_theme_is_kept(open_page: Open) -> None:
    page = open_page(OPS, color_scheme="light")
    page.goto("/home/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="Light or dark theme").click()
    page.goto("/customers/list/")

    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.slow
def test_dark_comes_from_the_system_too(open_page: Open) -> None:
    page = open_page(None, color_scheme="dark")
    page.goto("/login/")

    red, *_rest = map(
        int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))
    )
    assert red < 60


@pytest.mark.slow
@asked_elsewhere
def test_language_changes_to_german_and_back(open_page: Open) -> None:
    page = open_page("sales@harbourline.example")
    page.goto("/customers/list/")

    page.locator("summary").filter(has_text="Language: English").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kunden")
    assert page.url.endswith("/customers/list/")

    page.locator("summary").filter(has_text="Deutsch").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customers")


@pytest.mark.slow
def test_no_button_covers_the_rate_of_an_assigned_plan(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto(f"{find_customer(page, 'Tessera Health AG')}charges/")

    for width in (1020, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        rate, button = (page.locator(f"td{one}").first.bounding_box() for one in ("[data-l=Price]", ".more"))
        assert rate and button
        assert rate["x"] + rate["width"] <= button["x"], f"at {width}"


def test_unsaved_edits_are_not_lost_silently(open_page: Open) -> None:
    page = open_page(OPS)
    url = find_customer(page, "Tessera Health AG")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.locator("#city").press_sequentially("x")
    page.locator(".ct-tree").get_by_role("link", name="Timeline").click()
    page.wait_for_url("**/timeline/")
    assert asked == ["beforeunload"]

    page.goto(url)
    page.locator("#city").press_sequentially("y")
    page.get_by_role("link", name="Discard changes").click()
    expect(page.locator("#city")).not_to_have_value(re.compile("y$"))
    page.locator("#phone").press_sequentially(" 7")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_text("was saved")).to_be_visible()
    assert asked == ["beforeunload"], "whoever saves or discards is not asked"
