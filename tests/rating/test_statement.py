"""A whole statement: the documented cases, the order of the steps, and what is refused."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext

import pytest

from app.rating.assignments import Level
from app.rating.commitments import PurchaseMode, SellerCost, StatementKind
from app.rating.credits import Credit
from app.rating.exchange import ExchangeRate
from app.rating.plans import PlanBase, PlanKind, PlanScope
from app.rating.pricebook import BookSource, RuleKind
from app.rating.problems import (
    InvalidAdjustment,
    InvalidAmount,
    InvalidMonth,
    InvalidPlan,
    InvalidStatement,
    MissingRate,
    ProblemCode,
)
from app.rating.reasons import ReasonCode, reason
from app.rating.statement import StatementInput, rate_statement
from app.rating.taxes import TaxRate
from app.rating.usage import Category, CommitmentKind, CommitmentStatus, LineKind, Review
from tests.rating.making import (
    BUSINESS,
    CUSTOMER_COST,
    DEVELOPER,
    NOVEMBER,
    OCTOBER,
    ONE,
    THREE,
    TWO,
    D,
    account,
    amounts,
    assigned,
    book,
    fixed_plan,
    percent_plan,
    percent_rule,
    row,
    rule,
    statement,
    terms,
)

VAT = TaxRate(1, "VAT", D(20))
CREDIT = Credit(7, D("100.00"), "USD", date(2026, 5, 4))
WHOLE = {
    "terms": (terms(book=book("0", percent_rule(1, "-10", service="EC2"))),),
    "assignments": (assigned(BUSINESS),),
    "adjustment_percent": D(5),
    "tax_rates": (VAT,),
    "is_taxable": True,
}


def test_documented_whole() -> None:
    found = rate_statement(statement(row("EC2", "1000.00"), row("S3", "200.00"), **WHOLE))

    assert [(one.kind.value, one.service or one.text, str(one.amount)) for one in found.lines] == [
        ("usage", "EC2", "900.00"),
        ("usage", "S3", "200.00"),
        ("charge", "AWS Business", "120.00"),
        ("global_adjustment", "", "61.00"),
        ("tax", "VAT", "256.20"),
    ]
    assert (str(found.usage_amount), str(found.charges_amount)) == ("1100.00", "120.00")
    assert (str(found.adjustment_amount), str(found.tax_amount)) == ("61.00", "256.20")
    assert str(found.total) == "1537.20"
    assert (found.seller_cost, found.margin) == (D("720.00"), D("380.00"))
    assert not found.is_credit_note and found.to_review == ()
    assert (found.month, found.currency, found.kind) == (OCTOBER, "USD", StatementKind.USAGE)


def test_every_line_keeps_basis_rate_and_reason() -> None:
    found = rate_statement(statement(row("EC2", "1000.00"), row("S3", "200.00"), credits=(CREDIT,), **WHOLE))

    assert [(one.basis, one.rate, one.reason.code, one.subject) for one in found.lines] == [
        (D(1000), D(90), ReasonCode.USAGE_ROWS, None),
        (D(200), D(100), ReasonCode.USAGE_ROWS, None),
        (D(1200), None, ReasonCode.PLAN_TIERED, 1),
        (D(1220), D(5), ReasonCode.GLOBAL_UPLIFT, None),
        (D(100), None, ReasonCode.CREDIT_USED, 7),
        (D(1181), D(20), ReasonCode.TAX, 1),
    ]
    assert found.lines[0].reason == reason(ReasonCode.USAGE_ROWS, rows=1, quantity=D(1))
    assert dict(found.lines[2].reason.parameters) == {
        "plan": 1,
        "assignment": 1,
        "level": "customer",
        "limit": "none",
        "accounts": 1,
        "base": D(1200),
        "fee": D("120.00"),
        "days": 1,
        "days_in_month": 1,
    }
    assert found.lines[4].reason == reason(ReasonCode.CREDIT_USED, credit=7, remaining=D("0.00"))
    assert [one.reason for one in found.rows] == [
        reason(ReasonCode.RULE, book=1, rule=1, kind="percent", value=D(-10)),
        reason(ReasonCode.BOOK_PERCENT, book=1, percent=D(0)),
    ]
    assert [one.why for one in found.rows] == [reason(ReasonCode.LIST_PRICE)] * 2
    assert [one.source for one in found.rows] == [BookSource.CUSTOMER] * 2


def test_documented_percent_charge_does_not_see_the_fixed_one() -> None:
    assignments = (
        assigned(percent_plan("10", base=CUSTOMER_COST), 1),
        assigned(fixed_plan("10", id=2), 2),
    )
    used = (terms(book=book("10")),)

    found = rate_statement(statement(row("EC2", "100"), terms=used, assignments=assignments))

    assert amounts(found.lines) == ["110.00", "10.00", "11.00"]
    assert str(found.total) == "131.00"


def test_percent_charge_sees_fixed_ones_where_it_says_so_but_no_percent_ones() -> None:
    assignments = (
        assigned(percent_plan("10", base=CUSTOMER_COST, includes_fixed=True), 1),
        assigned(fixed_plan("10", id=2), 2),
        assigned(fixed_plan("5", id=3, kind=PlanKind.DISCOUNT, base=CUSTOMER_COST), 3),
        assigned(percent_plan("50", id=4, base=CUSTOMER_COST), 4),
    )

    found = rate_statement(statement(row("EC2", "100"), assignments=assignments))

    assert [(one.subject, str(one.amount)) for one in found.lines[1:]] == [
        (2, "10.00"),
        (3, "-5.00"),
        (1, "10.50"),
        (4, "50.00"),
    ]


def test_documented_developer_support_is_per_account() -> None:
    lines = (row(listed="500", account=ONE), row(listed="2000", account=TWO))

    found = rate_statement(statement(*lines, assignments=(assigned(DEVELOPER),)))

    assert [(one.account, str(one.amount)) for one in found.lines[2:]] == [(ONE, "29.00"), (TWO, "60.00")]


def test_documented_levels_replace_and_never_add() -> None:
    lines = (row(listed="1000", account=ONE), row(listed="1000", account=TWO))
    assignments = (
        assigned(percent_plan("10", id=1), 1, Level.RESELLER),
        assigned(percent_plan("7", id=2), 2, Level.CUSTOMER),
        assigned(percent_plan("3", id=3), 3, Level.ACCOUNT, account=TWO),
    )

    found = rate_statement(statement(*lines, assignments=assignments))

    assert [(one.account, str(one.amount)) for one in found.lines[2:]] == [(ONE, "70.00"), (TWO, "30.00")]


def test_fee_of_a_group_is_shared_by_spend_to_the_cent() -> None:
    accounts = tuple(account(one, group=8) for one in (ONE, TWO, THREE))
    lines = tuple(row(listed="100", account=one.id) for one in accounts)
    plan = fixed_plan("10", scope=PlanScope.SUM)

    found = rate_statement(
        statement(*lines, accounts=accounts, assignments=(assigned(plan, 1, Level.GROUP, group=8),))
    )

    assert amounts(found.lines[3:]) == ["3.34", "3.33", "3.33"]
    assert {one.reason.parameter("fee") for one in found.lines[3:]} == {D("10.00")}
    assert found.charges_amount == D("10.00")


def test_tiers_over_the_sum_are_those_of_the_sum() -> None:
    lines = (row(listed="9000", account=ONE), row(listed="3000", account=TWO))

    found = rate_statement(statement(*lines, assignments=(assigned(replace(BUSINESS, scope=PlanScope.SUM)),)))

    assert amounts(found.lines[2:]) == ["855.00", "285.00"]


def test_account_without_usage_pays_the_minimum_and_no_line_of_nothing() -> None:
    quiet = statement(accounts=(account(),), assignments=(assigned(DEVELOPER),))
    nothing = statement(accounts=(account(),), assignments=(assigned(percent_plan("3")),))

    assert amounts(rate_statement(quiet).lines) == ["29.00"]
    assert rate_statement(nothing).lines == ()
    assert rate_statement(nothing).total == 0


def test_support_is_on_list_cost_without_marketplace_credits_and_excluded_services() -> None:
    lines = (
        row("EC2", "100"),
        row("Spot", "40", is_spot=True),
        row("Domains", "7"),
        row("Snowflake", "500", is_marketplace=True),
        row("EC2", "-30", category=Category.CREDIT),
        row("Tax", "20", category=Category.TAX),
    )
    plan = percent_plan("10", excluded_services=frozenset({"Domains"}))
    everything = terms(passes_credits=True, book=book("-50"))

    found = rate_statement(statement(*lines, terms=(everything,), assignments=(assigned(plan),)))

    assert found.lines[-1].basis == D(140)
    assert found.charges_amount == D("14.00")


@pytest.mark.parametrize(
    ("base", "seen"),
    [(PlanBase.LIST_COST, "100"), (PlanBase.SELLER_COST, "60"), (PlanBase.CUSTOMER_COST, "90")],
)
def test_plan_sees_the_cost_it_names(base: PlanBase, seen: str) -> None:
    used = (terms(book=book("-10")),)

    found = rate_statement(
        statement(row(), terms=used, assignments=(assigned(percent_plan("10", base=base)),))
    )

    assert found.lines[-1].basis == D(seen)


def test_plan_may_see_marketplace() -> None:
    plan = percent_plan("10", base=CUSTOMER_COST, includes_marketplace=True)

    found = rate_statement(statement(row(is_marketplace=True), assignments=(assigned(plan),)))

    assert found.charges_amount == D("6.00")


def test_discount_is_below_zero_and_exceeds_no_base() -> None:
    plan = fixed_plan("500", kind=PlanKind.DISCOUNT, base=CUSTOMER_COST, text="Welcome")

    found = rate_statement(statement(row(), assignments=(assigned(plan),)))

    assert [(one.kind, str(one.amount), one.text) for one in found.lines[1:]] == [
        (LineKind.DISCOUNT, "-100.00", "Welcome")
    ]
    assert found.lines[1].reason.parameter("limit") == "base"


def test_pro_rated_plan_counts_its_days() -> None:
    plan = fixed_plan("310", is_prorated=True)

    found = rate_statement(statement(assignments=(assigned(plan, valid_from=date(2026, 10, 22)),)))

    assert amounts(found.lines) == ["100.00"]
    assert (found.lines[0].reason.parameter("days"), found.lines[0].reason.parameter("days_in_month")) == (
        10,
        31,
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


def test_percent_plans_take_the_unrounded_sum_and_the_adjustment_the_printed_one() -> None:
    lines = (row("EC2", "0.104"), row("S3", "0.104"))
    plan = percent_plan("50", base=CUSTOMER_COST)

    found = rate_statement(statement(*lines, assignments=(assigned(plan),), adjustment_percent=D(50)))

    assert [one.basis for one in found.lines[2:]] == [D("0.208"), D("0.30")]
    assert amounts(found.lines) == ["0.10", "0.10", "0.10", "0.15"]


def test_credits_lower_the_tax_base_unless_they_do_not() -> None:
    given = statement(row(listed="90"), credits=(CREDIT,), tax_rates=(VAT,), is_taxable=True)

    lowering = rate_statement(given)
    after = rate_statement(replace(given, credits_lower_tax=False))

    assert [(one.kind, str(one.amount)) for one in lowering.lines[1:]] == [
        (LineKind.CREDIT, "-90.00"),
        (LineKind.TAX, "0.00"),
    ]
    assert [(one.kind, str(one.amount)) for one in after.lines[1:]] == [
        (LineKind.TAX, "18.00"),
        (LineKind.CREDIT, "-100.00"),
    ]
    assert (lowering.total, after.total) == (D("0.00"), D("8.00"))
    assert lowering.credits.uses[0].remaining == D("10.00") and lowering.credit_amount == D("-90.00")
    assert after.credits.uses[0].remaining == D("0.00")


def test_negative_total_is_a_credit_note_and_uses_no_credit() -> None:
    found = rate_statement(statement(row(listed="-10"), credits=(CREDIT,), tax_rates=(VAT,), is_taxable=True))

    assert str(found.total) == "-12.00"
    assert found.is_credit_note
    assert [one.reason.code for one in found.credits.unused] == [ReasonCode.NOTHING_LEFT_TO_PAY]


def test_global_discount_has_its_own_reason_and_none_has_no_line() -> None:
    down = rate_statement(statement(row(), adjustment_percent=D("-2.5")))

    assert (str(down.lines[-1].amount), down.lines[-1].reason.code) == ("-2.50", ReasonCode.GLOBAL_DISCOUNT)
    assert len(rate_statement(statement(row())).lines) == 1


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

    found = rate_statement(statement(covered, negation, terms=(terms(seller_cost=SellerCost.BILLED),)))

    assert amounts(found.lines) == ["60.00"]
    assert (found.seller_cost, found.lines[0].rate) == (D("0.00"), D(100))


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


def test_billed_cost_can_be_the_seller_s() -> None:
    found = rate_statement(statement(row(billed_cost=D(55)), terms=(terms(seller_cost=SellerCost.BILLED),)))

    assert found.seller_cost == D("55.00")


def test_other_currency_is_converted_before_rounding() -> None:
    rates = (
        ExchangeRate("EUR", "USD", D("1.1")),
        ExchangeRate("CHF", "USD", D("1.2")),
        ExchangeRate("GBP", "USD", D("1.3")),
    )
    used = book("0", rule(1, RuleKind.DELTA, "1", service="EC2"), currency="CHF")
    lines = (
        row("EC2", "100", currency="EUR", quantity=D(10)),
        row("S3", "0.004", currency="EUR"),
        row("S3", "0.006"),
    )
    given = statement(
        *lines,
        terms=(terms(book=used),),
        assignments=(assigned(fixed_plan("10", currency="GBP")),),
        exchange_rates=rates,
    )

    found = rate_statement(given)

    # 110 + 10 x 1.20; 0.0044 + 0.006; 10 x 1.3.
    assert amounts(found.lines) == ["122.00", "0.01", "13.00"]
    assert found.exchange_rates == (rates[1], rates[0], rates[2])
    assert (found.rows[0].rate, found.rows[0].unit_rate, found.rows[0].amount) == (
        D("1.1"),
        D("1.2"),
        D("122.00"),
    )
    assert found.seller_cost == D("66.01")


def test_percent_plan_and_percent_rule_need_no_rate() -> None:
    used = book("-10", currency="CHF")

    found = rate_statement(
        statement(
            row(), terms=(terms(book=used),), assignments=(assigned(percent_plan("10", currency="GBP")),)
        )
    )

    assert amounts(found.lines) == ["90.00", "10.00"]
    assert found.exchange_rates == ()


def test_missing_rates_block_and_all_of_them_are_named() -> None:
    given = statement(
        row(currency="EUR"),
        assignments=(assigned(BUSINESS, 1), assigned(fixed_plan("1", id=2, currency="GBP"), 2)),
    )

    with pytest.raises(MissingRate) as refused:
        rate_statement(given)

    assert [dict(one.parameters)["from_currency"] for one in refused.value.problems] == ["EUR", "GBP"]


def test_yen_has_no_decimals_and_dinar_three() -> None:
    yen, dinar = (
        rate_statement(
            statement(
                row(listed="100.5", currency=one),
                currency=one,
                adjustment_percent=D("0.5"),
                tax_rates=(VAT,),
                is_taxable=True,
            )
        )
        for one in ("JPY", "KWD")
    )

    assert (amounts(yen.lines), str(yen.total)) == (["101", "1", "20"], "122")
    assert (amounts(dinar.lines), str(dinar.total)) == (["100.500", "0.503", "20.201"], "121.204")


def test_rows_to_look_at_are_listed() -> None:
    used = book("0", rule(1, RuleKind.DELTA, "-3", service="S3"))
    lines = (row("EC2", None), row("S3", "2"), row("RDS"))

    found = rate_statement(statement(*lines, terms=(terms(book=used),)))

    assert [(one.line.service, one.reviews) for one in found.to_review] == [
        ("EC2", (Review.LIST_MISSING,)),
        ("S3", (Review.BELOW_ZERO,)),
    ]
    assert amounts(found.lines) == ["60.00", "100.00", "-1.00"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"lines": (row(account=TWO),), "accounts": (account(),)}, ProblemCode.UNKNOWN_ACCOUNT, "lines"),
        ({"accounts": (account(), account())}, ProblemCode.DUPLICATE_ACCOUNT, "accounts"),
        ({"terms": (terms(), terms())}, ProblemCode.DUPLICATE_ID, "terms"),
        ({"assignments": (assigned(DEVELOPER), assigned(BUSINESS))}, ProblemCode.DUPLICATE_ID, "assignments"),
        ({"credits": (CREDIT, CREDIT)}, ProblemCode.DUPLICATE_ID, "credits"),
        (
            {"exchange_rates": (ExchangeRate("EUR", "USD", D(1)), ExchangeRate("EUR", "USD", D(2)))},
            ProblemCode.DUPLICATE_RATE,
            "exchange_rates",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(given: dict, code: ProblemCode, field: str) -> None:
    with pytest.raises(InvalidStatement) as refused:
        rate_statement(statement(**given))

    assert [(one.code, one.field) for one in refused.value.problems] == [(code, field)]


def test_wrong_plan_or_adjustment_is_not_rated() -> None:
    with pytest.raises(InvalidPlan):
        rate_statement(statement(row(), assignments=(assigned(percent_plan("-1")),)))
    with pytest.raises(InvalidAdjustment):
        rate_statement(statement(row(), adjustment_percent=D(-101)))


def test_statement_is_of_a_month_and_a_currency() -> None:
    with pytest.raises(InvalidMonth):
        StatementInput(date(2026, 10, 2), "USD")
    with pytest.raises(InvalidAmount):
        StatementInput(OCTOBER, "usd")
    with pytest.raises(TypeError):
        StatementInput(OCTOBER, "USD", adjustment_percent=0.5)  # type: ignore[arg-type]


def test_rule_of_another_month_does_not_price_this_one() -> None:
    given = statement(row(), terms=(terms(book=book("0", percent_rule(1, "10", first_month=NOVEMBER))),))

    assert rate_statement(given).total == D("100.00")
    assert rate_statement(replace(given, month=NOVEMBER)).total == D("110.00")


def test_context_of_the_thread_changes_nothing() -> None:
    given = statement(row("EC2", "1000.005"), row("S3", "200.00"), credits=(CREDIT,), **WHOLE)
    expected = rate_statement(given)

    with localcontext() as context:
        context.prec, context.rounding = 2, ROUND_DOWN
        found = rate_statement(given)
        totals = (found.usage_amount, found.margin, found.seller_cost)

    assert found == expected
    assert totals == (expected.usage_amount, expected.margin, expected.seller_cost)
    assert all(isinstance(one.amount, Decimal) for one in found.lines)
