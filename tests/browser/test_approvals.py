"""Deciding in three clicks, the way to the checklist's places and back, and what Cloud Ops does with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import ADMIN, OWNER
from tests.browser.steps import Open, asked_elsewhere


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.slow
@asked_elsewhere
def test_a_sign_up_is_prepared_approved_and_completed(open_page: Open) -> None:
    owner = open_page(OWNER)
    owner.goto("/home/")
    owner.get_by_role("link", name="Decide").click()
    expect(owner.get_by_role("heading", level=1)).to_contain_text("Alderbridge Legal LLP")
    blocked = owner.get_by_role("button", name="Approve and Forward")
    blocked.focus()
    expect(blocked).to_be_focused()  # it can be asked why
    expect(blocked).to_have_attribute("aria-disabled", "true")

    owner.get_by_role("link", name="Authorise Amazon Web Services").click()
    owner.get_by_role("switch", name="Authorised").check()
    owner.get_by_label("Pricebook").select_option(index=1)
    owner.get_by_role("button", name="Save provider").click()
    owner.get_by_role("link", name="Go to the request").click()
    owner.get_by_role("button", name="Approve and Forward").click()
    asking = owner.get_by_role("alertdialog")
    expect(asking).to_contain_text("r.alder@alderbridge.example are active at once.")
    owner.keyboard.press("Escape")
    expect(owner.get_by_role("heading", level=1)).to_contain_text("Alderbridge Legal LLP")
    owner.get_by_role("button", name="Approve and Forward").click()
    asking.get_by_role("button", name="Approve and Forward").click()

    expect(owner.get_by_role("heading", level=1)).to_contain_text("Tessera Health AG")  # the next one follows
    expect(owner.locator("#ct-toasts")).to_contain_text("Alderbridge Legal LLP is active now")

    ops = open_page(ADMIN)
    ops.goto("/platform/")
    ops.get_by_role("link", name="Cloud Ops queue").first.click()
    ops.get_by_role("row").filter(has_text="Alderbridge Legal LLP").dblclick()
    ops.get_by_role("button", name="Take it on").click()
    ops.get_by_role("button", name="Complete request").click()
    ops.wait_for_url("**/platform/operations/")
    expect(ops.locator("tbody")).not_to_contain_text("Alderbridge Legal LLP")


def test_three_clicks_after_signing_in_an_account_request_is_decided(open_page: Open) -> None:
    page = open_page(OWNER)
    page.goto("/home/")
    clicks = 0

    page.get_by_role("link", name="Approval requests").click()
    clicks += 1
    page.get_by_role("link", name="Juniper & Vale Publishing").click()
    clicks += 1
    # As without script. A locator waits for the page that the click leads to.
    page.locator(".ct-decide form").first.evaluate("form => form.removeAttribute('data-confirm-title')")
    page.get_by_role("button", name="Approve and Forward").click()
    clicks += 1

    expect(page.locator("#ct-toasts")).to_contain_text("was approved and forwarded to Cloud Ops")
    assert clicks == 3


@pytest.mark.slow
@asked_elsewhere
def test_declining_keeps_what_was_typed_and_leaves_nothing_behind(open_page: Open) -> None:
    page = open_page(OWNER)
    page.goto("/settings/approvals/")
    page.get_by_role("row").filter(has_text="Marlow Robotics BV").get_by_role("cell").nth(1).dblclick()
    page.get_by_role("link", name="Decline").click()

    page.get_by_role("button", name="Decline and send mail").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Reason for the applicant").fill("We only serve Germany at the moment.")
    page.get_by_role("button", name="Decline and send mail").click()

    expect(page.locator("#ct-toasts")).to_contain_text("of Marlow Robotics BV was declined.")
    page.goto("/customers/list/?q=marlow")
    expect(page.get_by_text("No customer matches")).to_be_visible()
