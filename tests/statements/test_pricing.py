"""Pricing a rollup is pricing every single line of it, to the last digit."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import duckdb
import pytest

from app.rating.commitments import PurchaseMode, SellerCost, StatementKind
from app.rating.reasons import Reason
from app.rating.statement import RatedStatement, StatementInput, rate_statement
from app.statements.pricing import Behind, Buyer, MonthPricing, tables
from tests.statements import months
from tests.statements.months import MONTH, PURCHASES, RATES

pytestmark = pytest.mark.once


def priced(connection: duckdb.DuckDBPyConnection, buyers: list[Buyer]) -> MonthPricing:
    return MonthPricing(
        connection,
        MONTH,
        buyers,
        months=connection.table("months"),
        days=connection.table("days"),
        purchases=PURCHASES,
    )


def rated(buyer: Buyer, lines: object) -> RatedStatement:
    return rate_statement(
        StatementInput(
            MONTH,
            "USD",
            buyer.accounts,
            lines,  # type: ignore[arg-type]
            buyer.terms,
            purchase_mode=buyer.mode,
            kind=buyer.kind,
            exchange_rates=RATES,
            purchase_accounts=PURCHASES,
        )
    )


def compared(statement: RatedStatement) -> tuple[object, ...]:
    """Everything that does not count rows."""
    lines = [dataclasses.replace(one, reason=Reason(one.reason.code)) for one in statement.lines]
    amounts = (statement.total, statement.seller_cost, statement.commitment_margin, statement.kept_costs)
    quantities = [one.reason.parameter("quantity") for one in statement.lines if one.service]
    return lines, amounts, quantities


@pytest.mark.parametrize("mode", [PurchaseMode.AMORTISED, PurchaseMode.FEE_IN_STATEMENT])
def test_a_rollup_costs_what_its_lines_cost(mode: PurchaseMode) -> None:
    _compare(600, mode, StatementKind.USAGE)


def test_fees_of_their_own_cost_what_their_lines_cost() -> None:
    _compare(600, PurchaseMode.FEE_SEPARATE, StatementKind.FEES)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "mode"),
    [
        (200_000, PurchaseMode.AMORTISED),
        (20_000, PurchaseMode.FEE_SEPARATE),
        (20_000, PurchaseMode.NOT_BILLED),
    ],
)
def test_a_large_rollup_costs_what_its_lines_cost(count: int, mode: PurchaseMode) -> None:
    _compare(count, mode, StatementKind.USAGE)


def _compare(count: int, mode: PurchaseMode, kind: StatementKind) -> None:
    rows = list(months.generated_lines(count, count))
    buyers = months.generated_buyers(count, mode, kind)
    connection = months.connect(rows)
    found = priced(connection, buyers).lines()
    for buyer in buyers:
        reference = months.line_by_line(rows, buyer)
        assert reference
        assert compared(rated(buyer, found[buyer.id])) == compared(rated(buyer, reference))
        reviews = [
            {(one.treatment.kind, one.reviews) for one in rated(buyer, some).to_review}
            for some in (found[buyer.id], reference)
        ]
        assert {kind for kind, _ in reviews[0]} == {kind for kind, _ in reviews[1]}


def test_single_rows_add_up_to_the_sums() -> None:
    rows = list(months.generated_lines(7, 2000))
    buyers = months.generated_buyers(7, PurchaseMode.AMORTISED)
    connection = months.connect(rows)
    pricing = priced(connection, buyers)
    query = pricing.priced(connection.table("lines"), ("service", "usage_date"))
    total = connection.execute(
        f"SELECT buyer, sum(from_cost), sum(from_quantity) FROM ({query}) WHERE is_billed GROUP BY 1"  # noqa: S608
    ).fetchall()
    by_buyer = {buyer: (cost, quantity) for buyer, cost, quantity in total}
    for buyer in buyers:
        billed = [one for one in rated(buyer, pricing.lines()[buyer.id]).rows if one.treatment.is_billed]
        cost = sum((one.coefficients.per_cost * one.basis for one in billed), Decimal(0))
        quantity = sum((one.coefficients.per_unit * one.line.quantity for one in billed), Decimal(0))
        assert by_buyer[buyer.id] == (cost, quantity)


@pytest.mark.parametrize("cost", [SellerCost.EFFECTIVE, SellerCost.BILLED])
def test_the_priced_rollup_has_the_costs_of_the_statement(cost: SellerCost) -> None:
    rows = list(months.generated_lines(11, 600))
    buyers = [
        dataclasses.replace(
            one, terms=tuple(dataclasses.replace(terms, seller_cost=cost) for terms in one.terms)
        )
        for one in months.generated_buyers(11, PurchaseMode.FEE_IN_STATEMENT)
    ]
    connection = months.connect(rows)
    pricing = priced(connection, buyers)

    found = connection.execute(
        f"SELECT buyer, sum(seller_cost), sum(from_cost), sum(lines) FROM ({pricing.priced_rollup(('lines',))}) "  # noqa: S608
        "GROUP BY 1"
    ).fetchall()

    sums = {buyer: amounts for buyer, *amounts in found}
    for buyer in buyers:
        rated_rows = rated(buyer, pricing.lines()[buyer.id]).rows
        seller = sum((one.seller_cost / one.rate for one in rated_rows), Decimal(0))
        amount = sum(
            (one.coefficients.per_cost * one.basis for one in rated_rows if one.treatment.is_billed),
            Decimal(0),
        )
        lines = sum(Behind.read(one.line.reference).lines for one in rated_rows)
        assert sums[buyer.id] == [seller, amount, lines]


def test_values_come_into_a_table_as_they_are() -> None:
    connection = duckdb.connect()
    rows = [("a\x1fb", 1, None), ("", 2, MONTH), ("it's, so", None, MONTH)]
    for some in (rows, rows[1:], []):
        tables.fill(connection, "filled", {"a": "VARCHAR", "b": "INTEGER", "c": "DATE"}, some)
        assert connection.execute("FROM filled").fetchall() == some


def test_what_is_too_large_is_an_error_and_no_wrong_amount() -> None:
    huge = Decimal(9) * Decimal(10) ** 19
    rows = [
        months.usage_row(
            account=months.ACCOUNTS[0], service="EC2", list_cost=huge, effective_cost=huge, sku=sku
        )
        for sku in "AB"
    ]
    buyers = months.generated_buyers(1, PurchaseMode.AMORTISED)
    with pytest.raises(duckdb.Error, match=r"[Oo]verflow|out of range"):
        connection = months.connect([*rows, *rows])
        priced(connection, buyers).lines()
