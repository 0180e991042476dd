"""A whole statement: the documented cases, the order of the steps, and what is refused."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext

import pytest

from app.rating.commitments import StatementKind
from app.rating.credits import Credit
from app.rating.exchange import ExchangeRate
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
from app.rating.usage import CommitmentKind, LineKind
from tests.rating.making import (
    BUSINESS,
    CUSTOMER_COST,
    DEVELOPER,
    OCTOBER,
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
    assert not lowering.is_credit_note
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
    assert found.lines[0].basis == D("110.0")
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


@pytest.mark.parametrize(
    "other",
    [
        {"recurring_cost": D(0)},
        {"is_carried": True},
        {"commitment_kind": CommitmentKind.SAVINGS_PLAN},
        {"list_unit_price": D(1)},
        {"lines_without_list": 1},
    ],
)
def test_rows_that_nearly_are_alike_come_in_one_order(other: dict) -> None:
    lines = (row(recurring_cost=None), row(**({"recurring_cost": None} | other)))

    assert rate_statement(statement(*lines)) == rate_statement(statement(*reversed(lines)))
