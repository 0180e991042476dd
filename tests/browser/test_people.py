"""Who may be here and for how long: suspended, invited, a customer, two who edit at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sign_in
from tests.browser.server import Server
from tests.browser.steps import NORTH_OPS, SOUTH_OPS, Open, asked_elsewhere, find_customer


@asked_elsewhere
def test_suspended_user_is_out_at_the_next_click(open_page: Open) -> None:
    person = open_page(None)
    sign_in(person, "user.customer@southcanary.example")
    expect(person.get_by_role("heading", level=1)).to_be_visible()

    ops = open_page(SOUTH_OPS)
    find_customer(ops, "Customer southcanary GmbH")
    ops.get_by_role("link", name="Users").first.click()
    ops.get_by_role("link", name="User customer southcanary").click()
    ops.locator("#status").select_option(label="Suspended")
    ops.get_by_role("button", name="Save user").click()
    expect(ops.get_by_role("row").filter(has_text="User customer southcanary")).to_contain_text("Suspended")

    person.goto("/portal/south/users/")
    expect(person).to_have_url(re.compile("/login/"))


@asked_elsewhere
def test_second_of_two_editors_is_told_and_nothing_is_overwritten(open_page: Open, server: Server) -> None:
    first, second = open_page(NORTH_OPS), open_page("owner@northcanary.example")
    url = find_customer(first, "Other northcanary GmbH")
    second.goto(url)

    first.locator("#city").fill("Kiel")
    first.get_by_role("button", name="Save customer").click()
    expect(first.get_by_text("Customer Information was saved.")).to_be_visible()
    second.locator("#city").fill("Ulm")
    second.locator("#street").fill("Neue Straße 1")
    second.get_by_role("button", name="Save customer").click()

    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("Ops northcanary saved this record at")
    expect(alert.get_by_role("row").filter(has_text="City")).to_have_text(re.compile("Kiel.*Ulm", re.DOTALL))
    assert second.locator("#street").input_value() == "Neue Straße 1", "what was entered is kept"
    assert server.ask("SELECT city FROM customers WHERE organization = 'Other northcanary GmbH'") == "Kiel"
    alert.get_by_role("link", name="Reload the page").click()
    expect(second.locator("#city")).to_have_value("Kiel")


@pytest.mark.slow
@asked_elsewhere
def test_who_was_told_can_overwrite_with_the_button_only(open_page: Open, server: Server) -> None:
    first, second = open_page(NORTH_OPS), open_page("owner@northcanary.example")
    url = find_customer(first, "Other northcanary GmbH")
    second.goto(url)
    first.locator("#city").fill("Bonn")
    first.get_by_role("button", name="Save customer").click()
    expect(first.get_by_text("Customer Information was saved.")).to_be_visible()
    second.locator("#city").fill("Jena")
    second.get_by_role("button", name="Save customer").click()
    overwrite = second.get_by_role("alert").get_by_role("button", name="Overwrite with my entries")
    expect(overwrite).to_be_visible()

    with second.expect_navigation():
        second.locator("#city").press("Enter")
    asked = "SELECT city FROM customers WHERE organization = 'Other northcanary GmbH'"
    assert server.ask(asked) == "Bonn", "the Enter key saves as ever, and is refused again"
    overwrite.click()

    expect(second.get_by_text("Customer Information was saved.")).to_be_visible()
    assert server.ask(asked) == "Jena"


@pytest.mark.slow
@asked_elsewhere
def test_customer_user_sees_the_portal_only(open_page: Open) -> None:
    page = open_page("user.customer@northcanary.example")
    page.goto("/")
    page.wait_for_url("**/portal/north/")
    expect(page.locator("body")).to_contain_text("Customer northcanary GmbH")
    expect(page.locator("body")).not_to_contain_text("Other northcanary GmbH")
    expect(page.locator("body")).not_to_contain_text("southcanary")

    for path in ("/home/", "/customers/list/", "/settings/", "/platform/", "/audit/list/", "/pricebooks/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status in (403, 404), path


@pytest.mark.slow
@asked_elsewhere
def test_invited_person_sets_a_password_and_is_in(open_page: Open) -> None:
    ops = open_page(NORTH_OPS)
    find_customer(ops, "Customer northcanary GmbH")
    ops.get_by_role("link", name="Users").first.click()
    ops.get_by_role("link", name="Add user").first.click()
    ops.locator("#name").fill("Ina Vited")
    ops.locator("#email").fill("ina@northcanary.example")
    ops.get_by_role("button", name="Save user").click()
    link = ops.locator("[data-copy*='/invitation/']").get_attribute("data-copy")
    assert link

    person = open_page(None)
    person.goto(link)
    for box in person.locator("input[type=password]").all():
        box.fill("lantern over quiet water 7")
    person.locator("main button[type=submit]").click()

    person.wait_for_url("**/portal/north/")
    again = open_page(None).goto(link)
    assert again is not None
    assert again.status == 404, "a link works once"
