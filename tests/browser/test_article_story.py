"""The main job as the article tells it: steps 1 to 9 by clicking, then a restart, then every value again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.driver import Driver, button, field, group_of, heading, link, row, summary, words
from tests.browser.server import Server
from tests.worlds import PASSWORD

OPS = "ops@northcanary.example"
CUSTOMER = "Nordlicht Maschinenbau GmbH"
INFORMATION = {
    "Organization": CUSTOMER,
    "External ID": "ERP-20391",
    "Contact name": "Jördis Hagemann",
    "Title": "Head of IT",
    "Email": "hagemann@nordlicht.example",
    "Phone": "+49 421 555 0190",
    "Street": "Speicherhof 4",
    "Postal code": "28217",
    "City": "Bremen",
    "State or region": "Bremen",
    "Amount per month": "25000.00",
}
FIELDS = [
    ("Territory", "territory", "Choice", "North\nSouth\nWest", "West"),
    ("Sales representative", "sales_representative", "Text", "", "Lotte Brandt"),
    ("Customer account number", "customer_account_number", "Text", "", "K-7731"),
]
AWS = "Amazon Web Services"
BOOK, PLAN, RATE = "Book northcanary", "Support northcanary", "VAT northcanary"
ACCOUNT = "417730001903"
DISCOUNT = "Global discount or uplift"
STATUSES = ["Pending email validation", "Pending approval", "Active", "Suspended"]
READY = "//ul[contains(@class, 'ct-ready')]/li"
RATE_BOX = f"//label[contains(., '{RATE}')]/input"


def check_mark(label: str) -> str:
    """The green check mark of a required field while its value is valid."""
    return f"{group_of(label)}[contains(@class, 'has-success')]//i[contains(@class, 'ct-check')]"


@pytest.fixture
def installation(template: Path, tmp_path: Path) -> Iterator[Server]:
    """An installation that this story has for itself and may restart."""
    running = Server(tmp_path / "instance", template)
    running.start()
    yield running
    running.stop()
    assert not running.faults()


def test_ops_person_creates_a_customer_as_the_article_says(driver: Driver, installation: Server) -> None:
    sign_in(driver, installation.url)
    open_customers_and_add(driver)
    customer_url = enter_customer_information(driver)
    add_users(driver)
    define_custom_fields(driver)
    open_customer_by_double_click(driver)
    fill_in_custom_fields(driver)
    authorise_provider(driver)
    link_account(driver)
    assign_charges(driver)
    all_three_decisions_are_taken(driver)

    installation.restart()

    driver.open(customer_url)
    every_value_is_there(driver)


def sign_in(driver: Driver, url: str) -> None:
    driver.open(url)
    driver.type(field("Email"), OPS)
    driver.type(field("Password"), PASSWORD)
    driver.follow(button("Log in"))
    driver.wait_for(heading("Home"))


def open_customers_and_add(driver: Driver) -> None:
    """Steps 1 and 2."""
    driver.follow(link("Customers"))
    driver.wait_for(heading("Customers"))
    driver.follow(link("Add customer"))
    driver.wait_for(heading("Customer Information"))
    assert not driver.shows(link("Users")), "the other sections open up after saving"


def enter_customer_information(driver: Driver) -> str:
    """Step 3. A required field has its green check mark while it holds something valid, and only then."""
    check, dot = check_mark("Organization"), f"{group_of('Organization')}//*[contains(@class, 'ct-req')]"
    assert driver.shows(dot)
    assert not driver.shows(check)
    driver.type(field("Organization"), "N")
    driver.wait_for(check)
    assert not driver.shows(dot)
    driver.type(field("Organization"), "")
    driver.wait_until_gone(check)
    driver.type(field("Email"), "hagemann@")
    assert not driver.shows(check_mark("Email"))

    for label, text in INFORMATION.items():
        driver.type(field(label), text)
    driver.choose(field("Country"), "Germany")
    driver.choose(field("Language"), "German")
    for label in ("Organization", "Contact name", "Email", "Country"):
        driver.wait_for(check_mark(label))
    driver.follow(button("Save customer"))

    driver.wait_for(heading(CUSTOMER))
    for section in (
        "Users",
        "Custom Fields",
        "Cloud Providers",
        "Cloud Accounts",
        "Charges and Discounts",
        "Tax",
    ):
        assert driver.shows(link(section)), f"{section} opens up"
    return driver.address()


def add_users(driver: Driver) -> None:
    """Step 4: one person with a password, one with an invitation link that is shown once."""
    driver.follow(link("Users"))
    driver.follow(link("Add user"))
    assert driver.options(field("Status")) == STATUSES
    driver.type(field("Contact name"), "Jördis Hagemann")
    driver.type(field("Email"), "jh@nordlicht.example")
    driver.type(field("Password"), "lantern over quiet water 7")
    driver.choose(field("Status"), "Active")
    driver.follow(button("Save user"))
    driver.wait_for(row("Jördis Hagemann"))

    driver.follow(link("Add user"))
    driver.type(field("Contact name"), "Ole Petersen")
    driver.type(field("Email"), "op@nordlicht.example")
    driver.choose(field("Status"), "Pending email validation")
    driver.follow(button("Save user"))
    driver.wait_for(row("Ole Petersen"))
    invitation = "//*[contains(text(), '/invitation/') or contains(@value, '/invitation/')]"
    driver.wait_for(invitation)
    driver.reload()
    driver.wait_for(row("Ole Petersen"))
    assert not driver.shows(invitation), "the link is shown once"


def define_custom_fields(driver: Driver) -> None:
    """Step 5, first half: under Settings."""
    driver.follow(link("Settings"))
    driver.follow(link("Custom Fields"))
    for label, name, kind, choices, _value in FIELDS:
        driver.follow(link("Add custom field"))
        driver.type(field("Label"), label)
        driver.type(field("Name"), name)
        driver.choose(field("Type"), kind)
        if choices:
            driver.type(field("Choices"), choices)
        assert driver.is_on(field("Include in billing reports"))
        driver.follow(button("Save custom field"))
        driver.wait_for(row(label))


def open_customer_by_double_click(driver: Driver) -> None:
    driver.follow("//a[@href='/customers/list/' or @href='/']")
    if not driver.shows(heading("Customers")):
        driver.follow(link("Customers"))
    driver.follow_twice(f"{row(CUSTOMER)}/td[3]")
    driver.wait_for(heading(CUSTOMER))


def fill_in_custom_fields(driver: Driver) -> None:
    """Step 5, second half: on the customer."""
    driver.follow(link("Custom Fields"))
    for label, _name, kind, _choices, value in FIELDS:
        (driver.choose if kind == "Choice" else driver.type)(field(label), value)
    driver.follow(button("Save custom fields"))
    driver.wait_for(words("Custom fields were saved."))


def authorise_provider(driver: Driver) -> None:
    """Steps 6 and 7: the Cloud Billing folder, the provider by double-click, its switches and its pricebook."""
    driver.click(summary("Cloud Billing"))
    driver.wait_until_gone(link("Cloud Providers"))
    driver.click(summary("Cloud Billing"))
    driver.wait_for(link("Cloud Providers"))
    driver.follow(link("Cloud Providers"))
    assert driver.shows(row("Microsoft Azure")), "every provider the reseller may sell stands here"
    driver.follow_twice(f"{row(AWS)}/td[2]")

    assert not driver.is_on(field("Pass RI optimization to customer")), "off by default"
    assert not driver.is_on(field("Pass savings plans to customer"))
    driver.wait_for(words("On-demand price; the saving is yours"))
    driver.click(field("Authorised"))
    driver.choose(field("Pricebook"), BOOK)
    driver.click(field("Enable provider in customer portal"))
    driver.click(field("Enable requesting an account"))
    driver.follow(button("Save provider"))
    driver.wait_for(f"{row(AWS)}//*[text()[normalize-space()='Authorised']]")


def link_account(driver: Driver) -> None:
    """Step 8: Add links an account that exists."""
    driver.follow(link("Cloud Accounts"))
    driver.follow(link("Add account"))
    driver.choose(field("Cloud provider"), AWS)
    driver.type(field("Account ID"), ACCOUNT)
    driver.type(field("Friendly name"), "nordlicht-prod")
    driver.follow(button("Link account"))
    driver.wait_for(row("nordlicht-prod"))


def assign_charges(driver: Driver) -> None:
    """Step 9: the support plan, the slider by keyboard and by number, and taxes."""
    driver.follow(link("Charges and Discounts"))
    driver.follow(link("Assign plan"))
    plan = next(one for one in driver.options(field("Plan")) if PLAN in one)
    driver.choose(field("Plan"), plan)
    driver.follow(button("Assign plan"))
    driver.wait_for(row(PLAN))

    slider, number = field(DISCOUNT), field(f"{DISCOUNT} in percent")
    driver.press(slider, "ArrowLeft", times=8)
    assert driver.value(number) == "-2.00", "eight steps of a quarter to the left"
    driver.type(number, "-3.5")
    assert driver.value(slider) == "-3.5", "the slider follows the number"
    driver.follow(button("Save discount or uplift"))
    driver.wait_for(words("The global discount or uplift was saved."))

    driver.click(field("Is taxable"))
    driver.click(RATE_BOX)
    driver.follow(button("Save tax profile"))
    driver.wait_for(words("The tax profile was saved."))


def all_three_decisions_are_taken(driver: Driver) -> None:
    for number, title in enumerate(("Providers authorised", "Pricebooks set"), start=1):
        assert driver.shows(f"{READY}[{number}][.//*[text()[normalize-space()='{title}']]]")
    for number in (1, 2, 3):
        assert driver.shows(f"{READY}[{number}]//i[contains(@class, 'ct-tone-success')]")


def every_value_is_there(driver: Driver) -> None:
    """After the restart, section by section."""
    driver.wait_for(heading(CUSTOMER))
    for label, text in INFORMATION.items():
        assert driver.value(field(label)) == text, label
    assert driver.value(field("Country")) == "Germany"
    assert driver.value(field("Language")) == "German"
    all_three_decisions_are_taken(driver)

    driver.follow(link("Users"))
    assert "Active" in driver.text(row("Jördis Hagemann"))
    assert "op@nordlicht.example" in driver.text(row("Ole Petersen"))

    driver.follow(link("Custom Fields"))
    for label, _name, _kind, _choices, value in FIELDS:
        assert driver.value(field(label)) == value, label

    driver.follow(link("Cloud Providers"))
    driver.follow_twice(f"{row(AWS)}/td[2]")
    for switch in ("Authorised", "Enable provider in customer portal", "Enable requesting an account"):
        assert driver.is_on(field(switch)), switch
    assert not driver.is_on(field("Pass RI optimization to customer"))
    assert driver.value(field("Pricebook")) == BOOK

    driver.follow(link("Cloud Accounts"))
    assert ACCOUNT in driver.text(row("nordlicht-prod"))

    driver.follow(link("Charges and Discounts"))
    assert driver.shows(row(PLAN))
    assert driver.value(field(f"{DISCOUNT} in percent")) in ("-3.5", "-3.50")
    assert driver.is_on(field("Is taxable"))
    assert driver.is_on(RATE_BOX)
