"""Setting up a second factor and signing in with it, in a browser; and the hint how strong a password is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from app.demo import PASSWORD
from tests.browser.conftest import sign_in
from tests.browser.places import OPS
from tests.browser.steps import asked_elsewhere
from tests.worlds import PASSWORD as OWN

Open = Callable[..., Page]
#: Whom no other story suspends or archives.
CUSTOMER = "user.customer@northcanary.example"
DOOR = "/portal/north/login/"


def code_for(page: Page) -> str:
    """Return what an app shows that was given the secret on the page."""
    return pyotp.TOTP(page.locator(".ct-secret code").inner_text().replace(" ", "")).now()


def test_a_customer_sets_up_a_second_factor_and_signs_in_with_it(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    page.goto(DOOR)
    page.get_by_label("Email").fill(CUSTOMER)
    page.get_by_label("Password", exact=True).fill(OWN)
    page.get_by_role("button", name=re.compile("Log in|Log in")).click()
    page.wait_for_url("**/portal/north/")  # leaving earlier would take the sign-in back
    page.goto("/profile/second-factor/")
    page.get_by_label("Current password").fill(OWN)
    page.get_by_role("button", name="Set up second factor").click()
    expect(page.locator(".ct-qr svg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page fits the phone"
    secret = page.locator(".ct-secret code").inner_text().replace(" ", "")
    page.locator("#code").fill(code_for(page))
    page.get_by_role("button", name="Switch on second factor").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    first = page.locator(".ct-codes code").first.inner_text()
    page.reload()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_hidden()

    other = open_page()
    other.goto(DOOR)
    other.get_by_label("Email").fill(CUSTOMER)
    other.get_by_label("Password", exact=True).fill(OWN)
    other.get_by_role("button", name=re.compile("Log in|Log in")).click()
    expect(other.get_by_label("Code")).to_be_focused()
    other.get_by_label("Code").fill("000000")
    other.get_by_role("button", name=re.compile("Log in|Log in")).click()
    expect(other.locator("#error-summary")).to_contain_text("This code is not right")
    other.get_by_role("link", name="Use a recovery code instead").click()
    other.get_by_label("Recovery code").fill(first.upper())
    other.get_by_role("button", name=re.compile("Log in|Log in")).click()
    other.wait_for_url("**/portal/north/")
    assert pyotp.TOTP(secret).now()


@pytest.mark.slow
def test_the_hint_says_how_strong_a_password_is(open_page: Open) -> None:
    page = open_page(OPS)
    requests: list[Any] = []
    page.goto("/profile/password/", wait_until="networkidle")
    page.on("request", lambda request: requests.append(request.url))
    hint = page.locator(".ct-strength [role=status]")

    for typed, word in {
        "short": "Weak",
        "aaaaaaaaaaaaaaaa": "Weak",
        "rivers bend to the sea": "Strong",
        "password12345678": "Weak",
        "gX7!q2_Lw9zR4m": "Strong",
        "summer2026!!": "Weak",
        "herons wade dawn": "Good",
        "herons wade": "Weak",
    }.items():
        page.get_by_label("New password", exact=False).first.fill(typed)

        expect(hint).to_contain_text(f"Strength: {word}.")
        expect(page.locator(".ct-pwrow .on")).to_have_count(
            ["Weak", "Fair", "Good", "Strong"].index(word) + 1
        )
        if len(typed) < 12:
            expect(hint).to_contain_text("Still needed: 12 characters.")
    assert requests == [], "what is typed goes nowhere"


@pytest.mark.slow
@asked_elsewhere
def test_without_script_nothing_is_lost(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, OPS)
    page.goto("/profile/password/")

    expect(page.locator(".ct-strength")).to_be_hidden()
    expect(page.locator("#password-help")).to_contain_text("At least 12 characters")
    page.get_by_label("Current password").fill("not " + PASSWORD)
    page.locator("#password").fill("rivers bend to the sea")
    page.locator("#repeated").fill("rivers bend to the sea")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#error-summary")).to_contain_text(re.compile("not your current password"))
