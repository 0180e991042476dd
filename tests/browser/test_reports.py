"""From a number of the dashboard to its report: narrowed down, kept under a name, and taken away as a file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.places import OPS
from tests.browser.steps import Open, asked_elsewhere

NAME = "Brightmoor by service"


@asked_elsewhere
def test_a_number_leads_to_its_report_which_is_kept_and_exported(open_page: Open, tmp_path: Path) -> None:
    page = open_page(OPS)
    page.goto("/dashboard/?period=last_month")
    spent = page.locator(".ct-kpi .v a").first
    amount = spent.inner_text()
    spent.click()
    expect(page.locator("tfoot")).to_contain_text(amount)

    page.get_by_label("Group by").select_option("service")
    page.locator("summary").filter(has_text="More filters").click()
    page.get_by_label("Customer", exact=True).fill("C-1001")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator(".ct-chips")).to_contain_text("Brightmoor Logistics GmbH")
    page.locator("summary").filter(has_text="Save this view").click()
    page.get_by_label("Name of the view").fill(NAME)
    page.get_by_role("button", name="Save view", exact=True).click()
    tab = page.get_by_role("navigation", name="Views").get_by_role("link", name=NAME)
    expect(tab).to_have_attribute("aria-current", "page")

    export = page.locator("summary").filter(has_text=re.compile("Export"))
    count = int(re.sub(r"\D", "", export.inner_text()))
    export.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    file = tmp_path / "report.csv"
    download.value.save_as(file)
    page.keyboard.press("Escape")
    header, *rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    page.locator("summary").filter(has_text="Change view").click()
    page.get_by_role("button", name="Remove view").click()

    assert header[0] == "Service"
    assert len(rows) == count > 1
