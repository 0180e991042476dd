"""What several stories in the browser begin with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
#: A story whose every step is asked without a browser in each ``make test``, and that needs no script: the browser goes
#: through it in ``make check-long``.
asked_elsewhere = pytest.mark.slow
#: Pastes a text into a cell, as the keyboard does.
PASTE = """(cell, text) => {
    const copied = new DataTransfer();
    copied.setData("text/plain", text);
    cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: copied, bubbles: true, cancelable: true}));
}"""
NORTH_OPS = "ops@northcanary.example"
SOUTH_OPS = "ops@southcanary.example"


def find_customer(page: Page, name: str) -> str:
    """Open a customer by its name and return the address."""
    page.goto("/customers/list/")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return page.url


def fill_in_customer(page: Page, organization: str) -> None:
    """Fill in the required fields of a new customer."""
    page.goto("/customers/add")
    page.locator("#organization").fill(organization)
    page.locator("#contact_name").fill("Ann Contact")
    page.locator("#email").fill("ann@example.example")
