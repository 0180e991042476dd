"""From a provider's bill to a statement that the customer reads: the numbers of docs/pricing.md, by clicking."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.rating.months import first_day, month_after
from tests.browser import chromium
from tests.browser.conftest import sign_in
from tests.browser.server import Server
from tests.browser.steps import PASTE

OPS, PERSON = "ops@northcanary.example", "user.customer@northcanary.example"
CUSTOMER, ACCOUNT, PAYER = "Customer northcanary GmbH", "884400112233", "700000000001"
EC2, S3, LAMBDA = "Amazon Elastic Compute Cloud", "Amazon Simple Storage Service", "AWS Lambda"
RULES = "\n".join(
    (
        "Service\tKind of rule\tValue",
        f"{EC2}\tPercent\t-10",
        f"{S3}\tDefault\t",
        f"{LAMBDA}\tFixed price\t0.02",
    )
)
MONTH = month_after(first_day(date.today()), -1)  # noqa: DTZ011 - the product offers the last full month


@pytest.fixture
def installation(template: Path, tmp_path: Path) -> Iterator[Server]:
    """Web process and worker, as ``make run`` starts them."""
    running = Server(tmp_path / "instance", template, has_worker=True)
    running.start()
    yield running
    running.stop()
    assert not running.faults()


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """An AWS Cost and Usage Report of one account that nobody knows yet: EC2 at list 1,000.00, S3 at list 200.00."""
    path = tmp_path / "cur.csv"
    start, end = f"{MONTH:%Y-%m-%dT00:00:00Z}", f"{month_after(MONTH, 1):%Y-%m-%dT00:00:00Z}"
    rows = [
        {
            "identity/LineItemId": f"line-{number}",
            "identity/TimeInterval": f"{start}/{end}",
            "bill/PayerAccountId": PAYER,
            "bill/BillingEntity": "AWS",
            "bill/BillingPeriodStartDate": start,
            "bill/BillingPeriodEndDate": end,
            "lineItem/UsageAccountId": ACCOUNT,
            "lineItem/LineItemType": "Usage",
            "lineItem/UsageStartDate": start,
            "lineItem/UsageEndDate": end,
            "lineItem/ProductCode": code,
            "lineItem/UsageType": usage_type,
            "lineItem/UsageAmount": "10000",
            "lineItem/CurrencyCode": "EUR",
            "lineItem/UnblendedCost": cost,
            "product/ProductName": name,
            "product/region": "eu-central-1",
            "pricing/publicOnDemandCost": listed,
            "pricing/unit": "Hrs",
        }
        for number, (code, name, usage_type, listed, cost) in enumerate(
            (
                ("AmazonEC2", EC2, "EUC1-BoxUsage:m5.large", "1000.00", "830.00"),
                ("AmazonS3", S3, "EUC1-TimedStorage-ByteHrs", "200.00", "171.50"),
            )
        )
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_from_a_bill_to_a_statement(
    browser: Browser, installation: Server, bill: Path, tmp_path: Path
) -> None:
    context = chromium.context_for_story(browser, base_url=installation.url)
    page = context.new_page()
    sign_in(page, OPS)

    import_file(page, bill)
    assign_account(page)
    price(page)
    issue(page, tmp_path)

    context.clear_cookies()
    sign_in(page, PERSON)
    read_in_the_portal(page)
    context.close()


def import_file(page: Page, bill: Path) -> None:
    page.goto("/billing/imports/upload/")
    page.get_by_label("File").set_input_files(bill)
    page.get_by_role("button", name="Import file").click()
    expect(page.get_by_text("The file was imported as a whole.")).to_be_visible(timeout=chromium.PATIENCE * 2)
    expect(page.get_by_role("row").filter(has_text="EUR")).to_contain_text("1,001.50")
    expect(page.get_by_role("row").filter(has_text="EUR")).to_contain_text("The same")
    expect(page.get_by_role("row").filter(has_text=ACCOUNT)).to_be_visible()


def assign_account(page: Page) -> None:
    page.get_by_role("link", name="Assign to customers").click()
    page.get_by_role("row").filter(has_text=re.compile("8844")).get_by_role("checkbox").check()
    page.get_by_role("button", name="Assign to a customer").last.click()
    page.get_by_role("combobox", name="Customer").fill(CUSTOMER)
    page.get_by_role("button", name="Assign account").click()
    expect(page.get_by_role("row").filter(has_text="8844")).to_have_count(0)


def price(page: Page) -> None:
    """A book with three kinds of rules, a support plan for the account, 20 % tax, and an uplift that is tried first."""
    page.goto("/pricebooks/add")
    page.get_by_label("Copy of").select_option(index=1)  # AWS
    page.get_by_label("Name").fill("Tally book")
    page.get_by_role("button", name="Save pricebook").click()
    page.get_by_role("link", name="Tally book").click()
    page.locator("[data-body] tr").first.locator("[name=service]").evaluate(PASTE, RULES)
    expect(page.locator("[data-count]")).to_have_text("3 of 3 rules")
    page.get_by_role("button", name="Save rules").click()
    expect(page.locator("[data-body] tr").nth(1).locator("[name=service]")).to_have_value(S3)

    page.get_by_role("searchbox", name="Search the console").fill(CUSTOMER)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    customer = page.url.rstrip("/")
    page.goto(f"{customer}/providers/aws/")
    page.get_by_label("Pricebook").select_option(label="Tally book")
    page.get_by_role("button", name="Save provider").click()

    page.goto("/settings/taxes/add")
    page.get_by_label("Name").fill("VAT 20")
    page.get_by_label("Rate in percent").fill("20")
    page.get_by_label("Country").select_option(label="Germany")
    page.get_by_role("button", name="Save tax rate").click()
    page.goto(f"{customer}/tax/")
    page.get_by_label("VAT northcanary").uncheck()
    page.get_by_label("VAT 20").check()
    page.get_by_role("button", name="Save tax profile").click()

    page.goto("/settings/charges/add?template=aws-business")
    page.get_by_label("Name").fill("Tally support")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_role("button", name="Save plan").last.click()
    expect(page.get_by_role("link", name="Tally support")).to_be_visible()
    page.goto(f"{customer}/charges/add/?provider=aws")
    plan = page.locator("#plan_id option", has_text="Tally support").get_attribute("value")
    page.locator("#plan_id").select_option(plan)
    page.get_by_label("Chosen accounts").check()
    page.get_by_label(re.compile(ACCOUNT)).check()
    page.get_by_label("First month").select_option(f"{MONTH:%Y-%m}")
    page.get_by_role("button", name="Assign plan").click()

    percent = page.get_by_label("Global discount or uplift in percent")
    months_total = page.locator("[data-what-if-figures] .ct-total span").first
    for tried, total in (("10", "1,610.40"), ("5", "1,537.20")):
        percent.fill(tried)
        expect(months_total).to_have_text(total)
    page.get_by_role("button", name="Save discount or uplift").click()
    expect(page.locator("[data-slider-word]")).to_contain_text("uplift")


def issue(page: Page, folder: Path) -> None:
    page.goto("/billing/statements/")
    page.get_by_role("button", name=re.compile("Generate")).click()
    row = page.get_by_role("row").filter(has_text=CUSTOMER)
    expect(row).to_contain_text("1,537.20", timeout=chromium.PATIENCE * 2)
    row.get_by_role("link", name=CUSTOMER).click()
    for amount in ("900.00", "200.00", "120.00", "61.00", "256.20", "1,537.20"):
        expect(page.locator("main")).to_contain_text(f"EUR {amount}")

    page.get_by_role("link", name=re.compile("900.00")).click()
    for word in ("1,000.00", "Tally book", "−10", "EUC1-BoxUsage:m5.large"):
        expect(page.locator("main")).to_contain_text(word)
    page.go_back()

    page.get_by_role("button", name="Issue", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name=re.compile("Issue")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\d{4}-00001"))
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF").click()
    waiting.value.save_as(folder / "statement.pdf")
    assert (folder / "statement.pdf").read_bytes().startswith(b"%PDF-")
    if (renderer := shutil.which("pdftoppm")) is not None:
        command = [renderer, "-png", "-r", "60", "-singlefile", "statement.pdf", "statement"]
        subprocess.run(command, cwd=folder, check=True, timeout=60)
        assert (folder / "statement.png").read_bytes().startswith(b"\x89PNG")


def read_in_the_portal(page: Page) -> None:
    page.goto("/portal/north/statements/")
    page.get_by_role("link", name=re.compile(r"\d{4}-00001")).first.click()
    text = page.locator("main")
    expect(text).to_contain_text("1,537.20")
    for secret in ("Margin", "Seller cost", "1,001.50", "Tally book"):
        expect(text).not_to_contain_text(secret)
