"""Reports on screen and as files: for the reseller with its cost, for the customer with its own price alone."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from tests.counting import MOST, counting
from tests.statements.world import account_of, deliver, usage, worked_example, working
from tests.worlds import World

OWN_DAYS = "period=custom&from=2026-10-01&to=2026-10-31"
PORTAL = "/portal/north"


@pytest.fixture
def billed(flask_app: Any, world: World) -> str:
    """October as in the worked example; the account that it was used on."""
    with working(flask_app, world) as customer:
        worked_example(customer)
        return account_of(customer).account_id


def test_the_billing_report_groups_filters_and_names_its_bases(
    billed: str, world: World, client_for: Any
) -> None:
    sales = client_for(world.north.sales)

    page = sales.get(f"/reports/billing/?{OWN_DAYS}&group=service&group=account").text
    for part in (
        "EC2",
        "S3",
        "900.00",
        "200.00",
        "1,100.00",
        "720.00",
        "380.00",
        "34.5",
        "effective, amortised",
    ):
        assert part in page, part
    assert "EUR · priced by pricebook" in page
    narrowed = sales.get(f"/reports/billing/?{OWN_DAYS}&group=service&service=S3").text
    assert "200.00" in narrowed
    assert "900.00" not in narrowed
    for nonsense in ("group=nothing", "period=ever", "sort=%00", "customer=x", "dir=up"):
        assert sales.get(f"/reports/billing/?{nonsense}").status_code in (200, 400)
    assert sales.get("/reports/billing/?customer=x").status_code == 400


def test_a_file_holds_exactly_what_is_filtered(billed: str, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    asked = f"{OWN_DAYS}&group=service&columns=customer_cost&columns=quantity&sort=customer_cost&dir=asc"

    csv = ops.get(f"/reports/billing/export.csv?{asked}").data.decode("utf-8-sig").splitlines()
    sheet = openpyxl.load_workbook(io.BytesIO(ops.get(f"/reports/billing/export.xlsx?{asked}").data)).active

    assert csv[1:] == ["S3,,EUR,200,10,Hrs", "EC2,,EUR,900,10,Hrs"]
    assert [[cell.value for cell in row][3] for row in sheet.iter_rows(min_row=2)] == [200, 900]
    assert sheet["D2"].number_format == "#,##0.00"
    assert ops.get("/reports/billing/export.pdf").status_code == 404


def test_a_report_is_saved_and_shown_again(billed: str, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    filters = f"customer={world.north.customer.id}&account={billed}&service=EC2&provider=aws"
    order = "columns=margin&columns=customer_cost&sort=margin&dir=asc&per_page=50"
    asked = f"period=last_quarter&group=service&group=day&{filters}&{order}"
    ops.post(f"/views/billing_report/add?{asked}", {"name": "Mine alone"})

    page = ops.get(f"/reports/billing/?{asked}").text
    assert "Mine alone" in page
    assert "Change view" in page
    assert "Mine alone" not in client_for(world.north.sales).get("/reports/billing/").text


def test_margin_changes_and_reconciliation_are_pages_with_ways_out(
    billed: str, flask_app: Any, world: World, client_for: Any
) -> None:
    with working(flask_app, world) as customer:
        deliver([usage("999999999999", "EC2", "50")], source="other")
        deliver([usage(billed, "EC2", "10", effective_cost=Decimal(20))], code="aws", source="cheap")
        assert customer.id
    ops = client_for(world.north.ops)

    margin = ops.get(f"/reports/margin/?{OWN_DAYS}").text
    assert "Nobody's usage" in margin.replace("&#39;", "'")
    assert "/cloud-accounts/unassigned/" in margin
    changes = ops.get("/reports/changes/?month=2026-10&against=2026-09").text
    assert "new in Oct 2026" in changes
    assert "+909.00" in changes
    reconciliation = ops.get("/billing/reconciliation/?month=2026-10").text
    assert "nothing yet" in reconciliation
    assert ops.get("/billing/reconciliation/?month=2026-13").status_code == 400
    assert client_for(world.north.sales).get("/billing/reconciliation/").status_code == 403


def test_the_dashboard_draws_its_days_with_the_table_behind(
    billed: str, world: World, client_for: Any
) -> None:
    page = client_for(world.north.sales).get(f"/dashboard/?{OWN_DAYS}").text

    for part in ("<svg", "Show as a table", "1,100.00", "720.00", "380.00", "Top 5 products", "EC2"):
        assert part in page, part
    assert "1,100.00" not in client_for(world.south.owner).get(f"/dashboard/?{OWN_DAYS}").text


def test_the_customer_sees_the_own_cost_and_nothing_behind_it(
    billed: str, world: World, client_for: Any
) -> None:
    person = client_for(world.north.customer_user)

    pages = [
        person.get(f"{PORTAL}/dashboard/?{OWN_DAYS}").text,
        person.get(f"{PORTAL}/reports/?{OWN_DAYS}").text,
        person.get(f"{PORTAL}/reports/export.csv?{OWN_DAYS}").data.decode("utf-8-sig"),
    ]

    for page in pages:
        assert "900" in page
        for hidden in ("720", "380.00", "34.5", "Seller", "Margin", "margin", "Worked"):
            assert hidden not in page, hidden
    assert person.get(f"{PORTAL}/reports/?{OWN_DAYS}&group=customer").status_code == 400
    assert person.get(f"/reports/billing/?{OWN_DAYS}").status_code in (302, 403, 404)


def test_the_other_customer_sees_none_of_it(billed: str, world: World, client_for: Any) -> None:
    other = client_for(world.north.other_user)

    for page in ("dashboard", "reports"):
        text = other.get(f"{PORTAL}/{page}/?{OWN_DAYS}&account={billed}").text
        assert "900.00" not in text
        assert billed not in text.replace(f"account={billed}", "").replace(f'value="{billed}"', "").replace(
            f"<b>{billed}</b>", ""
        )


def test_budgets_are_kept_and_show_what_is_used(billed: str, world: World, client_for: Any) -> None:
    ops = client_for(world.north.ops)
    values = {
        "name": "October", "amount": "1000", "currency": "EUR", "base": "customer", "period": "custom",
        "first_on": "2026-10-01", "last_on": "2026-10-31", "thresholds_text": "80 %, 100 %",
    }  # fmt: skip

    assert ops.post("/settings/budgets/add", values | {"thresholds_text": "much"}).status_code == 422
    assert ops.post("/settings/budgets/add", values).status_code == 302
    page = ops.get("/settings/budgets/").text
    for part in ("October", "110", "EUR 1,100.00", "crossed"):
        assert part in page
    assert client_for(world.north.sales).get("/settings/budgets/").status_code == 403


def test_pages_take_few_statements(billed: str, world: World, client_for: Any) -> None:
    told: dict[str, list[str]] = {}
    for client, page in (
        (client_for(world.north.owner), f"/reports/billing/?{OWN_DAYS}"),
        (client_for(world.north.owner), f"/reports/margin/?{OWN_DAYS}"),
        (client_for(world.north.owner), "/reports/changes/?month=2026-10&by=line"),
        (client_for(world.north.owner), f"/dashboard/?{OWN_DAYS}"),
        (client_for(world.north.owner), "/billing/reconciliation/?month=2026-10"),
        (client_for(world.north.customer_user), f"{PORTAL}/dashboard/?{OWN_DAYS}"),
        (client_for(world.north.customer_user), f"{PORTAL}/reports/?{OWN_DAYS}"),
    ):
        client.get(page)  # prices the month
        with counting() as told[page]:
            assert client.get(page).status_code == 200

    assert not {page: seen for page, seen in told.items() if len(seen) > MOST}
