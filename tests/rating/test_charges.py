"""How the plans of a statement become its lines."""

from dataclasses import replace
from datetime import date

import pytest

from app.rating.assignments import Level
from app.rating.plans import PlanBase, PlanKind, PlanScope
from app.rating.statement import rate_statement
from app.rating.usage import Category, LineKind
from tests.rating.making import (
    BUSINESS,
    CUSTOMER_COST,
    DEVELOPER,
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
    row,
    statement,
    terms,
)


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


def test_plan_sees_neither_what_the_reseller_keeps_nor_fixed_charges_of_other_accounts() -> None:
    lines = (row(), row(listed="-50", category=Category.CREDIT), row(account=TWO))
    assignments = (
        assigned(percent_plan("10", base=PlanBase.SELLER_COST, includes_fixed=True), 1),
        assigned(fixed_plan("10", id=2), 2),
    )

    found = rate_statement(statement(*lines, assignments=assignments))

    assert [(one.account, one.basis) for one in found.lines[-2:]] == [(ONE, D(70)), (TWO, D(70))]
