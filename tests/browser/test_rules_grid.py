"""The grid of a pricebook's rules by its keys alone, as the page promises them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.places import OPS
from tests.browser.steps import PASTE

Open = Callable[..., Page]
COPIED = "\n".join(
    (
        "Service\tUsage type\tKind of rule\tValue\tFirst month",
        "Amazon EC2\tBoxUsage:*\tPercent\t-12.5\t2027-01",
        '"Amazon ""S3"""\t\tFixed price\t0.021\t',
    )
)


def test_the_rules_are_edited_by_keys(open_page: Open) -> None:
    page = open_page(OPS)
    page.goto("/pricebooks/?q=Public sector")  # the demo's book without rules
    page.get_by_role("link", name="AWS Public sector").click()
    press = page.keyboard.press

    _cell(page, 1, "service").focus()
    page.keyboard.type("Amazon RDS")
    for _ in range(5):
        press("Tab")
    page.keyboard.type("-3")  # Tab leads through the cells of a row, the kind too
    press("Enter")
    expect(_cell(page, 2, "value")).to_be_focused()  # Enter goes down
    press("Shift+Enter")
    press("ArrowLeft")
    expect(_cell(page, 1, "kind")).to_be_focused()  # the arrows leave a cell at its edge
    press("ArrowRight")
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(_cell(page, 4, "value")).to_be_focused()  # Enter in the last of three rows added one

    _cell(page, 2, "service").evaluate(PASTE, COPIED)
    expect(page.locator("[data-count]")).to_have_text("3 of 3 rules")
    assert _row(page, 2) == ["Amazon EC2", "", "", "BoxUsage:*", "percent", "-12.5", "2027-01", ""]
    assert _row(page, 3) == ['Amazon "S3"', "", "", "", "fixed", "0.021", "", ""]

    _cell(page, 3, "value").focus()
    press("Alt+ArrowUp")
    expect(_cell(page, 2, "value")).to_be_focused()  # the rule moved, with the cursor in it
    expect(_cell(page, 2, "service")).to_have_value('Amazon "S3"')
    for number in (3, 2):
        page.get_by_label(f"Actions for rule {number}").press("Enter")
        for key in ("End", "Enter"):
            press(key)
    expect(page.locator("[data-count]")).to_have_text("1 of 1 rules")
    for left in (2, 3):
        page.get_by_role("button", name="Undo").press("Enter")
        expect(page.locator("[data-count]")).to_have_text(f"{left} of {left} rules")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()

    _cell(page, 1, "service").press("Control+Enter")
    expect(
        page.get_by_role("button", name="Save rules")
    ).to_be_focused()  # out of however many rules there are
    press("Tab")
    press("Enter")  # Show what it changes
    expect(page.get_by_text("Rules: 3 added, 0 changed, 0 removed.")).to_be_visible()
    assert [_row(page, number)[0] for number in (1, 2, 3)] == ["Amazon RDS", 'Amazon "S3"', "Amazon EC2"]


def _cell(page: Page, number: int, name: str) -> Locator:
    return page.locator("[data-body] tr").nth(number - 1).locator(f"[name={name}]")


def _row(page: Page, number: int) -> list[str]:
    cells = page.locator("[data-body] tr").nth(number - 1).locator(".form-control")
    return [str(one) for one in cells.evaluate_all("cells => cells.map(one => one.value)")]
