"""A support plan for one account group wins over the customer's default; bands are edited without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import OPS
from tests.browser.steps import asked_elsewhere, find_customer

Open = Callable[..., Page]


@pytest.mark.slow
@asked_elsewhere
def test_a_groups_support_plan_wins_over_the_customers_default(open_page: Open) -> None:
    page = open_page(OPS)
    url = find_customer(page, "Saltgrass Insurance AG")
    page.goto(f"{url}charges/add/?provider=aws")
    page.locator("#plan_id").select_option(label=_plan(page, "AWS Business Support"))
    page.get_by_role("button", name="Assign plan").click()

    page.goto(f"{url}accounts/")
    page.get_by_role("link", name="Account groups").click()
    page.get_by_role("link", name="Add group").click()
    page.get_by_role("textbox", name="Name").fill("Production")
    page.get_by_role("checkbox", name="saltgrass-prod").check()
    page.get_by_role("button", name="Save group").click()
    expect(page.get_by_role("link", name="Production")).to_be_visible()

    page.get_by_role("link", name="Charges and Discounts").last.click()
    page.get_by_role("link", name="Assign plan").click()
    expect(page.locator("#group_id")).to_be_hidden()
    page.locator("#plan_id").select_option(label=_plan(page, "AWS Enterprise Support"))
    page.get_by_role("radio", name="An account group").check()
    page.locator("#group_id").select_option("Production")
    page.get_by_role("button", name="Assign plan").click()

    page.get_by_role("link", name="What applies").click()
    row = page.get_by_role("row").filter(has_text="saltgrass-prod").filter(has_text="Production")
    expect(row.locator("td[data-l=Plans]")).to_contain_text("AWS Enterprise Support")
    expect(row.locator("td[data-l=From]")).to_have_text("Account group")
    expect(row.locator("td[data-l=Replaces]")).to_contain_text("AWS Business Support")


def test_the_slider_says_what_becomes_of_a_statement(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto(f"{find_customer(page, 'Saltgrass Insurance AG')}charges/")
    page.get_by_label("Global discount or uplift in percent").fill("5")

    expect(page.locator("[data-slider-means]")).to_have_text(
        "A statement of EUR\u00a01,000.00 becomes EUR\u00a01,050.00."
    )


@pytest.mark.slow
@asked_elsewhere
def test_bands_are_added_and_priced_without_a_script(open_page: Open) -> None:
    page = open_page(OPS, java_script_enabled=False)
    page.goto("/settings/charges/add?template=aws-business")
    page.get_by_label("Up to, band 4").fill("500000")
    page.get_by_role("button", name="Add band").click()
    expect(page.get_by_label("From, band 5")).to_have_value("500000")
    page.get_by_label("Percentage, band 5").fill("2")
    page.get_by_role("button", name="Remove band 1").click()
    page.get_by_label("Spend of each account").fill("12000")
    page.get_by_role("button", name="Calculate without saving").click()
    expect(page.get_by_text("The first band starts at 0.").first).to_be_visible()

    page.get_by_label("From, band 1").fill("0")
    page.get_by_role("button", name="Calculate without saving").click()
    expect(page.locator("#calculation")).to_contain_text("840.00")


def _plan(page: Page, name: str) -> str:
    return next(one for one in page.locator("#plan_id option").all_inner_texts() if one.startswith(name))
