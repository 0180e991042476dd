"""Laws of money that hold for whatever is invented: a few examples each time, a thousand in ``make check-long``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_UP, Decimal, localcontext
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rating.adjustment import adjustment_on
from app.rating.credits import CreditEntry, EntryKind, credits_of, use_credits
from app.rating.money import minor_units, round_money, share
from app.rating.plans import Plan, PlanKind, PlanType, plan_amount
from app.rating.pricebook import Book, LossCode, PriceKey, Resolver, RuleScope, customer_cost, resolve
from app.rating.statement import StatementInput, rate_statement
from app.rating.taxes import TaxRate, tax_on
from app.rating.usage import LineKind
from tests.rating.inventing import (
    CURRENCIES,
    books,
    costs,
    credits_,
    decimals,
    discounts_and_uplifts,
    keys,
    percent_bands,
    plans,
    printable,
    quantities,
    statements,
    tax_rates,
)
from tests.rating.making import OCTOBER, D

FEW, MANY = 20, 1000
LAWS: list[tuple[Callable[..., None], dict[str, Any]]] = []


def law(**invented: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Test a law with a few examples, and note it for the long run."""

    def note(check: Callable[..., None]) -> Callable[..., None]:
        LAWS.append((check, invented))
        return settings(max_examples=FEW, deadline=None)(given(**invented)(check))

    return note


def unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-minor_units(currency))


@law(one=statements())
def test_printed_lines_add_up_to_the_total(one: StatementInput) -> None:
    found = rate_statement(one)

    assert sum(line.amount for line in found.lines) == found.total
    assert all(line.amount == round_money(line.amount, one.currency) for line in found.lines)
    assert found.total == (
        found.usage_amount
        + found.charges_amount
        + found.adjustment_amount
        + found.credit_amount
        + found.tax_amount
    )


@law(one=statements(), seed=st.integers(0, 9999))
def test_order_of_what_is_handed_in_changes_nothing(one: StatementInput, seed: int) -> None:
    def mixed(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(Random(seed).sample(parts, len(parts)))

    again = replace(
        one,
        accounts=mixed(one.accounts),
        lines=mixed(one.lines),
        assignments=mixed(one.assignments),
        credits=mixed(one.credits),
        tax_rates=mixed(one.tax_rates),
    )

    assert rate_statement(again) == rate_statement(one)


@law(one=statements())
def test_rating_again_gives_the_same_in_whatever_context(one: StatementInput) -> None:
    first = rate_statement(one)
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_UP
        second = rate_statement(one)

    assert second == first


@law(one=statements(), part=decimals(0, 1, 3))
def test_pricing_a_sum_is_summing_prices(one: StatementInput, part: Decimal) -> None:
    def split(value: Decimal | None, share: Decimal) -> Decimal | None:
        return None if value is None else value * share

    halves = [
        replace(
            line,
            **{
                name: split(getattr(line, name), share)
                for name in ("quantity", "list_cost", "effective_cost", "billed_cost", "recurring_cost")
            },
        )
        for line in one.lines
        for share in (part, 1 - part)
    ]

    whole, parts = rate_statement(one), rate_statement(replace(one, lines=tuple(halves)))

    assert [(line.kind, line.amount, line.basis) for line in parts.lines] == [
        (line.kind, line.amount, line.basis) for line in whole.lines
    ]
    assert parts.total == whole.total


@law(one=statements())
def test_turning_all_amounts_round_turns_the_statement_round(one: StatementInput) -> None:
    plain = replace(one, assignments=(), credits=())
    turned = tuple(
        replace(
            line,
            **{
                name: None if getattr(line, name) is None else -getattr(line, name)
                for name in ("quantity", "list_cost", "effective_cost", "billed_cost", "recurring_cost")
            },
        )
        for line in one.lines
    )

    there, back = rate_statement(plain), rate_statement(replace(plain, lines=turned))

    assert [line.amount for line in back.lines] == [-line.amount for line in there.lines]
    assert (back.total, back.margin) == (-there.total, -there.margin)


@law(one=statements())
def test_credits_never_push_a_statement_below_zero(one: StatementInput) -> None:
    found, without = rate_statement(one), rate_statement(replace(one, credits=()))

    assert found.credit_amount <= 0
    assert found.credit_amount == 0 or found.total >= 0
    assert without.total >= 0 or found.total == without.total
    used = {use.credit.id: use for use in found.credits.uses}
    assert all(0 < use.amount <= use.credit.remaining for use in used.values())
    assert -found.credit_amount == sum(use.amount for use in used.values())


@law(one=statements())
def test_margin_is_what_stays_of_usage(one: StatementInput) -> None:
    found = rate_statement(one)

    exact = sum((row.seller_cost for row in found.rows), Decimal(0))
    units = len(found.lines) + len(
        {(row.line.account, row.line.service, row.treatment.kind) for row in found.rows}
    )
    assert found.margin + found.seller_cost == found.usage_amount
    assert abs(found.seller_cost - exact) <= units * unit(one.currency) / 2
    assert {row.line for row in found.rows} == set(one.lines)


@law(one=statements())
def test_what_is_taken_off_never_exceeds_what_is_seen(one: StatementInput) -> None:
    for line in rate_statement(one).lines:
        if line.kind is LineKind.DISCOUNT:
            assert line.amount <= 0
            assert -Decimal(str(line.reason.parameter("fee"))) >= -Decimal(
                str(line.reason.parameter("base"))
            ) - unit(one.currency)
        if line.kind is LineKind.CHARGE:
            assert line.amount >= 0


@law(amount=decimals(-(10**6), 10**6, 9), currency=CURRENCIES, by=st.integers(1, 31))
def test_rounding_is_half_up_symmetric_and_moves_nothing_by_more_than_half(
    amount: Decimal, currency: str, by: int
) -> None:
    rounded = round_money(amount, currency, divided_by=by)

    assert rounded == -round_money(-amount, currency, divided_by=by)
    assert round_money(rounded, currency) == rounded
    assert abs(rounded * by - amount) <= by * unit(currency) / 2
    assert abs(rounded * by) >= abs(amount) or abs(rounded * by - amount) < by * unit(currency) / 2
    assert round_money(amount + by * unit(currency), currency, divided_by=by) >= rounded


@law(
    currency=CURRENCIES,
    units=st.integers(-(10**7), 10**7),
    weights=st.lists(decimals(-5, 1000, 6), min_size=1, max_size=8),
)
def test_shares_are_the_amount_and_each_is_near_its_quota(
    currency: str, units: int, weights: list[Decimal]
) -> None:
    total = units * unit(currency)

    parts = share(total, weights, currency)

    counted = [max(one, Decimal(0)) for one in weights]
    whole = sum(counted)
    assert sum(parts) == total
    assert share(-total, weights, currency) == tuple(-one for one in parts)
    for part, weight in zip(parts, counted, strict=True):
        assert part == round_money(part, currency)
        assert not whole or abs(part * whole - total * weight) < whole * unit(currency)


@law(
    bands=percent_bands(), base=decimals(0, 5000, 4), step=decimals(0, 50, 4), kind=st.sampled_from(PlanKind)
)
def test_bands_are_monotonic_and_continuous(bands: Any, base: Decimal, step: Decimal, kind: PlanKind) -> None:
    plan = Plan(1, kind, PlanType.TIERED, "KWD", bands=bands)

    low, high = plan_amount(plan, base).amount, plan_amount(plan, base + step).amount

    steepest = max(band.percent for band in bands) / 100
    assert low <= high <= low + step * steepest + unit("KWD")
    assert sum(part.amount for part in plan_amount(plan, base).slices) <= base * steepest
    assert sum(part.base for part in plan_amount(plan, base).slices) == base


@law(currency=CURRENCIES, invented=st.data(), base=costs, days=st.integers(1, 31))
def test_fee_is_between_its_minimum_and_its_maximum(
    currency: str, invented: Any, base: Decimal, days: int
) -> None:
    plan = replace(invented.draw(plans(currency)), currency=currency)

    found = plan_amount(plan, base, days=days, days_in_month=31).amount

    assert found >= 0
    if plan.maximum is not None:
        assert found <= round_money(plan.maximum, currency)
    if plan.kind is PlanKind.DISCOUNT:
        assert found <= round_money(max(base, Decimal(0)), currency)
    elif plan.minimum is not None:
        part = days if plan.is_prorated else 31
        assert found >= round_money(plan.minimum * part, currency, divided_by=31)


@law(currency=CURRENCIES, invented=st.data())
def test_what_is_carried_over_and_what_was_used_is_what_there_was(currency: str, invented: Any) -> None:
    open_credits = invented.draw(credits_(currency))
    due = invented.draw(printable(-50, 2000, currency))
    on = date(2026, 11, 3)
    granted = [
        CreditEntry(one.id, EntryKind.GRANTED, one.remaining, currency, one.granted_on, one.first_month)
        for one in open_credits
        if one.remaining
    ]

    plan = use_credits(open_credits, due, currency, OCTOBER)

    used = sum((one.amount for one in plan.uses), Decimal(0))
    assert 0 <= used <= max(due, Decimal(0))
    left = credits_of([*granted, *(one.entry(on) for one in plan.uses)])
    assert sum(one.remaining for one in left) + used == sum(one.remaining for one in open_credits)
    assert {one.id: one.remaining for one in left} == {
        **{one.credit.id: one.remaining for one in plan.uses},
        **{one.credit.id: one.credit.remaining for one in plan.unused},
    }
    released = [replace(one.entry(on), kind=EntryKind.RELEASED) for one in plan.uses]
    assert credits_of([*granted, *(one.entry(on) for one in plan.uses), *released]) == credits_of(granted)


@law(base=decimals(-1000, 1000, 2), rates=tax_rates, currency=CURRENCIES)
def test_taxes_do_not_see_one_another(base: Decimal, rates: tuple[TaxRate, ...], currency: str) -> None:
    together = tax_on(base, rates, currency, is_taxable=True)

    assert list(together) == [
        one for rate in rates for one in tax_on(base, [rate], currency, is_taxable=True)
    ]
    assert tax_on(base, reversed(rates), currency, is_taxable=True) == together
    assert [one.amount for one in tax_on(-base, rates, currency, is_taxable=True)] == [
        -one.amount for one in together
    ]


@law(total=decimals(-1000, 1000, 2), percent=discounts_and_uplifts, currency=CURRENCIES)
def test_adjustment_takes_off_no_more_than_everything(
    total: Decimal, percent: Decimal, currency: str
) -> None:
    found = adjustment_on(total, percent, currency)

    assert abs(found) <= abs(round_money(total, currency)) + unit(currency)
    assert found == -adjustment_on(-total, percent, currency)
    assert adjustment_on(total, Decimal(-100), currency) == -round_money(total, currency)


@law(book=books(), key=keys, scope=st.sampled_from(RuleScope))
def test_one_rule_wins_and_every_other_says_why_not(book: Book, key: PriceKey, scope: RuleScope) -> None:
    found = resolve(book, key, OCTOBER, scope)

    assert Resolver(book, OCTOBER).coefficients(key, scope) == found.coefficients
    winner = [] if found.winner is None else [found.winner]
    assert sorted(one.id for one in [*winner, *(lost.rule for lost in found.lost)]) == [
        one.id for one in book.rules
    ]
    beaten = [one for one in found.lost if one.code in (LossCode.LESS_SPECIFIC, LossCode.LATER)]
    assert not beaten or winner
    assert resolve(replace(book, rules=book.rules[::-1]), key, OCTOBER, scope) == found


@law(book=books(), key=keys, rows=st.lists(st.tuples(costs, quantities), min_size=1, max_size=6))
def test_coefficients_price_a_sum_as_its_parts(
    book: Book, key: PriceKey, rows: list[tuple[Decimal, Decimal]]
) -> None:
    coefficients = Resolver(book, OCTOBER).coefficients(key)

    whole = customer_cost(
        coefficients, sum((one for one, _ in rows), D(0)), sum((one for _, one in rows), D(0))
    )

    assert whole == sum(customer_cost(coefficients, basis, quantity) for basis, quantity in rows)


def test_invented_statements_hold_what_they_are_to_test() -> None:
    """A law about statements without lines would be a poor law."""
    seen: set[LineKind] = set()

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(one=statements())
    def look(one: StatementInput) -> None:
        seen.update(line.kind for line in rate_statement(one).lines)

    look()

    assert seen >= {
        LineKind.USAGE,
        LineKind.PROVIDER_CREDIT,
        LineKind.CHARGE,
        LineKind.DISCOUNT,
        LineKind.GLOBAL_ADJUSTMENT,
        LineKind.CREDIT,
        LineKind.TAX,
    }


@pytest.mark.slow
@pytest.mark.parametrize(("check", "invented"), LAWS, ids=[check.__name__ for check, _ in LAWS])
def test_law_holds_a_thousand_times(check: Callable[..., None], invented: dict[str, Any]) -> None:
    settings(max_examples=MANY, deadline=None)(given(**invented)(check))()
