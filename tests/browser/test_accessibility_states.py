"""What is not there when a page opens: dialogs, menus, the drawer, refused forms. axe-core looks at them too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import OPS, OWNER
from tests.browser.test_accessibility import ALL, AXE, COLOURS, Looker

Open = Callable[..., Page]


def violations(page: Page) -> str:
    """Return what axe-core finds in the light theme, and in the colours of the dark one."""
    looker = Looker(page, "")
    page.evaluate(AXE)
    found = looker.violations(ALL)
    looker.dress("dark", (page.viewport_size or {"width": 1280})["width"])
    return found + looker.violations(COLOURS)


@pytest.fixture
def page(open_page: Open) -> Page:
    return open_page(OPS, reduced_motion="reduce")


def test_menus(page: Page) -> None:
    page.goto("/customers/list/")
    page.locator("summary").filter(has_text="Your account").click()
    expect(page.get_by_role("link", name="Your profile")).to_be_visible()
    assert violations(page) == ""

    page.locator("summary").filter(has_text="Export").click()
    expect(page.get_by_role("link", name="XLSX, all fields")).to_be_visible()
    assert violations(page) == ""


@pytest.mark.slow
@pytest.mark.parametrize("width", [pytest.param(1600, marks=pytest.mark.slow), 390])
def test_columns_and_views(open_page: Open, width: int) -> None:
    page = open_page(OPS, reduced_motion="reduce", viewport={"width": width, "height": 844})
    page.goto("/customers/list/?status=active")
    page.locator("summary").filter(has_text="Columns").click()
    expect(page.get_by_role("button", name="Show columns")).to_be_in_viewport()
    assert violations(page) == ""

    page.locator("summary").filter(has_text="Save this view").click()
    page.get_by_label("Name of the view").fill(f"At {width} pixels")
    assert violations(page) == ""
    page.get_by_role("button", name="Save view", exact=True).click()

    expect(page.get_by_role("link", name=f"At {width} pixels")).to_be_in_viewport()
    page.locator("summary").filter(has_text="Change view").click()
    assert violations(page) == ""
    page.get_by_role("button", name="Remove view").click()
    expect(page.get_by_role("link", name=f"At {width} pixels")).to_have_count(0)


def test_confirmation(page: Page) -> None:
    page.goto("/customers/list/")
    page.get_by_role("link", name="Tessera Health AG").click()
    page.locator("summary").filter(has_text="Actions").click()
    page.get_by_role("button", name="Archive customer").click()
    expect(page.get_by_role("alertdialog")).to_be_visible()

    assert violations(page) == ""


@pytest.mark.slow
def test_selection_bar(page: Page) -> None:
    page.goto("/customers/list/")
    page.get_by_label("Select Tessera Health AG").check()
    expect(page.get_by_text("1 selected")).to_be_visible()

    assert violations(page) == ""


@pytest.mark.slow
def test_drawer_on_a_phone(open_page: Open) -> None:
    page = open_page(OPS, reduced_motion="reduce", viewport={"width": 390, "height": 844})
    page.goto("/home/")
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.get_by_role("button", name="Close menu")).to_be_focused()
    assert violations(page) == ""

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    "path",
    [
        "/customers/add",
        *(
            pytest.param(path, marks=pytest.mark.slow)
            for path in (
                "/settings/users/add",
                "/customers/import/",
                "/settings/custom-fields/add",
                "/settings/charges/add",
                "/settings/taxes/add",
                "/pricebooks/add",
            )
        ),
    ],
)
def test_refused_form(open_page: Open, path: str) -> None:
    page = open_page(OWNER, reduced_motion="reduce")
    page.goto(path)
    page.locator("main form[method=post] button[type=submit].btn-primary").click()

    expect(page.locator("#error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    for link in page.locator("#error-summary a").all():
        target = str(link.get_attribute("href"))
        assert page.locator(f"[id='{target[1:]}']").count() == 1, f"{target} leads nowhere"
    assert violations(page) == ""


@pytest.mark.slow
def test_message_that_goes_away(page: Page) -> None:
    page.goto("/profile/")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator(".ct-toast")).to_be_visible()

    assert violations(page) == ""


@pytest.mark.slow
def test_the_check_mark_is_said_too(page: Page) -> None:
    page.goto("/customers/add")
    name = page.locator("#organization")
    expect(name).to_have_accessible_name("Organization required")

    name.fill("Review")

    expect(name).to_have_accessible_name("Organization required valid")
