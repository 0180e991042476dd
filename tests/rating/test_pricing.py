"""How rows of usage become priced rows and printed lines."""

from dataclasses import replace

import pytest

from app.rating.commitments import PurchaseMode, SellerCost, StatementKind
from app.rating.pricebook import BookSource, RuleKind
from app.rating.reasons import ReasonCode, reason
from app.rating.statement import rate_statement
from app.rating.usage import Category, CommitmentKind, CommitmentStatus, LineKind, Review
from tests.rating.making import (
    NOVEMBER,
    ONE,
    TWO,
    D,
    account,
    amounts,
    assigned,
    book,
    fixed_plan,
    percent_rule,
    row,
    rule,
    statement,
    terms,
)


def test_line_is_rounded_once_per_account_service_and_kind() -> None:
    lines = [row("EC2", "0.004") for _ in range(3)]

    found = rate_statement(statement(*lines, row("S3", "0.004"), row("EC2", "0.004", account=TWO)))

    assert [(one.account, one.service, str(one.amount)) for one in found.lines] == [
        (ONE, "EC2", "0.01"),
        (ONE, "S3", "0.00"),
        (TWO, "EC2", "0.00"),
    ]
    assert found.lines[0].reason.parameter("rows") == 3


RESERVED = f"arn:aws:ec2:eu-west-1:{TWO}:reserved-instances/0e7a"


COVERED = row(
    "EC2",
    "100",
    quantity=D(1000),
    commitment_id=RESERVED,
    commitment_status=CommitmentStatus.USED,
    recurring_cost=D(20),
    billed_cost=D(0),
)


def test_documented_commitment_of_somebody_else_is_sold_on_demand() -> None:
    found = rate_statement(statement(COVERED))

    assert amounts(found.lines) == ["100.00"]
    assert (found.seller_cost, found.margin, found.commitment_margin) == (D("60.00"), D("40.00"), D("40.0"))
    assert found.rows[0].why == reason(ReasonCode.COMMITMENT_KEPT, owner=TWO, ownership="other_account")


@pytest.mark.parametrize(
    ("switch", "own", "amount"),
    [({}, False, "100.00"), ({"passes_reserved": True}, False, "60.00"), ({}, True, "60.00")],
)
def test_documented_commitment_reaches_the_customer_by_ownership_or_switch(
    switch: dict, own: bool, amount: str
) -> None:
    accounts = (account(ONE), account(TWO)) if own else (account(ONE),)

    found = rate_statement(statement(COVERED, accounts=accounts, terms=(terms(**switch),)))

    assert amounts(found.lines) == [amount]
    assert found.commitment_margin == (D("40.0") if amount == "100.00" else 0)


def test_owner_is_looked_for_at_the_same_provider_only() -> None:
    accounts = (account(ONE), account(TWO, provider="azure"))

    assert amounts(rate_statement(statement(COVERED, accounts=accounts)).lines) == ["100.00"]


def test_price_per_unit_does_not_reach_a_commitment_that_passes() -> None:
    used = book("-10", rule(1, RuleKind.FIXED, "0.5", service="EC2"))
    kept, passed = (
        rate_statement(statement(COVERED, terms=(terms(book=used, passes_reserved=switch),)))
        for switch in (False, True)
    )

    assert (amounts(kept.lines), amounts(passed.lines)) == (["500.00"], ["54.00"])
    assert passed.rows[0].reason == reason(ReasonCode.BOOK_PERCENT, book=1, percent=D(-10))


def test_documented_fee_is_billed_apart_and_the_rows_carry_the_rest() -> None:
    own = replace(COVERED, commitment_id=RESERVED.replace(TWO, ONE))
    fee = row(
        "EC2",
        "500",
        category=Category.PURCHASE,
        commitment_id=own.commitment_id,
        billed_cost=D(400),
        effective_cost=D(0),
    )
    given = statement(own, fee, assignments=(assigned(fixed_plan("10")),))

    amortised, together, apart, none = (
        rate_statement(replace(given, purchase_mode=mode)) for mode in PurchaseMode
    )
    fees = rate_statement(replace(given, purchase_mode=PurchaseMode.FEE_SEPARATE, kind=StatementKind.FEES))

    assert amounts(amortised.lines) == ["60.00", "10.00"]
    assert amounts(together.lines) == ["20.00", "400.00", "10.00"]
    assert amounts(apart.lines) == amounts(none.lines) == ["20.00", "10.00"]
    assert [(one.kind, str(one.amount)) for one in fees.lines] == [(LineKind.COMMITMENT_FEE, "400.00")]


def test_negation_joins_its_covered_row() -> None:
    plan = f"arn:aws:savingsplans::{ONE}:savingsplan/1b2c"
    covered = replace(
        COVERED, commitment_id=plan, commitment_kind=CommitmentKind.SAVINGS_PLAN, billed_cost=D(100)
    )
    negation = row("EC2", "-100", category=Category.NEGATION, effective_cost=D(0), billed_cost=D(-100))

    found = rate_statement(
        statement(covered, negation, terms=(terms(seller_cost=SellerCost.BILLED, book=book("-10")),))
    )

    assert amounts(found.lines) == ["54.00"]
    assert (found.seller_cost, found.lines[0].rate) == (D("0.00"), D(90))


def test_credits_that_the_reseller_keeps_are_part_of_the_margin() -> None:
    found = rate_statement(
        statement(row(), row(listed="-50", category=Category.CREDIT), row(category=Category.TAX))
    )

    assert amounts(found.lines) == ["100.00"]
    assert [(one.kind, one.seller_cost) for one in found.kept_costs] == [
        (LineKind.PROVIDER_CREDIT, D("-30.00"))
    ]
    assert (found.seller_cost, found.margin) == (D("30.00"), D("70.00"))


def test_provider_credits_pass_whole_whatever_the_book_says() -> None:
    given = statement(
        row(),
        row(listed="-50", category=Category.CREDIT),
        terms=(terms(passes_credits=True, book=book("-10")),),
    )

    found = rate_statement(given)

    assert [(one.kind, str(one.amount)) for one in found.lines] == [
        (LineKind.USAGE, "90.00"),
        (LineKind.PROVIDER_CREDIT, "-30.00"),
    ]
    assert found.rows[0].reason == reason(ReasonCode.PASSED_WHOLE)


def test_marketplace_passes_at_billed_cost_unless_a_rule_names_it() -> None:
    plain, named = (
        rate_statement(
            statement(row("Snowflake", is_marketplace=True), terms=(terms(book=book("-10", *rules)),))
        )
        for rules in ((), (percent_rule(1, "5", service="Snowflake"),))
    )

    assert (amounts(plain.lines), amounts(named.lines)) == (["60.00"], ["63.00"])
    assert plain.lines[0].kind is LineKind.MARKETPLACE


def test_account_s_own_book_comes_first() -> None:
    accounts = (account(ONE, book=book("50")), account(TWO))
    lines = (row(account=ONE), row(account=TWO))

    found = rate_statement(statement(*lines, accounts=accounts, terms=(terms(book=book("-10")),)))

    assert amounts(found.lines) == ["150.00", "90.00"]
    assert [one.source for one in found.rows] == [BookSource.ACCOUNT, BookSource.CUSTOMER]


def test_line_of_different_rates_has_none_of_its_own() -> None:
    used = book("0", percent_rule(1, "10", sku="A"), rule(2, RuleKind.FIXED, "1", sku="B"))
    lines = (row(sku="A"), row(sku="B"), row("S3", sku="B"))

    found = rate_statement(statement(*lines, terms=(terms(book=used),)))

    assert [one.rate for one in found.lines] == [None, None]


def test_correction_is_no_price_below_zero() -> None:
    used = terms(book=book("0", rule(1, RuleKind.DELTA, "-3")))

    turned, corrected = (
        rate_statement(statement(row(listed=listed, quantity=D(quantity)), terms=(used,)))
        for listed, quantity in (("0", "1"), ("-100", "-1"))
    )

    assert (amounts(turned.lines), turned.rows[0].reviews) == (["-3.00"], (Review.BELOW_ZERO,))
    assert (amounts(corrected.lines), corrected.rows[0].reviews) == (["-97.00"], ())


def test_billed_cost_can_be_the_seller_s() -> None:
    found = rate_statement(statement(row(billed_cost=D(55)), terms=(terms(seller_cost=SellerCost.BILLED),)))

    assert found.seller_cost == D("55.00")


def test_rows_to_look_at_are_listed() -> None:
    used = book("0", rule(1, RuleKind.DELTA, "-3", service="S3"))
    lines = (row("EC2", None), row("S3", "2"), row("RDS"))

    found = rate_statement(statement(*lines, terms=(terms(book=used),)))

    assert [(one.line.service, one.reviews) for one in found.to_review] == [
        ("EC2", (Review.LIST_MISSING,)),
        ("S3", (Review.BELOW_ZERO,)),
    ]
    assert amounts(found.lines) == ["60.00", "100.00", "-1.00"]


def test_rule_of_another_month_does_not_price_this_one() -> None:
    given = statement(row(), terms=(terms(book=book("0", percent_rule(1, "10", first_month=NOVEMBER))),))

    assert rate_statement(given).total == D("100.00")
    assert rate_statement(replace(given, month=NOVEMBER)).total == D("110.00")
