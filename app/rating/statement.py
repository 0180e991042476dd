"""A whole statement: what is handed in, what comes out, and the order in between (docs/pricing.md#order)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from app.rating.adjustment import adjustment_on, check_adjustment
from app.rating.assignments import Account, Assignment
from app.rating.charges import charge_lines
from app.rating.commitments import ProviderTerms, PurchaseMode, StatementKind
from app.rating.credits import Credit, CreditPlan, use_credits
from app.rating.exchange import Converter, ExchangeRate
from app.rating.money import ZERO, check_currency, check_decimal, exactly
from app.rating.months import check_month
from app.rating.pricing import (
    KeptCost,
    PricedRow,
    Pricer,
    StatementLine,
    TreatedRow,
    print_usage,
    treat_rows,
)
from app.rating.problems import InvalidStatement, Problem, ProblemCode, problem
from app.rating.reasons import ReasonCode, reason
from app.rating.taxes import TaxRate, tax_on
from app.rating.usage import LineKind, UsageLine

_Name = TypeVar("_Name", str, int, tuple[str, str])

#: Everything of a statement that is priced usage.
USAGE_KINDS = frozenset(
    {
        LineKind.USAGE,
        LineKind.PURCHASE,
        LineKind.COMMITMENT_FEE,
        LineKind.PROVIDER_ADJUSTMENT,
        LineKind.PROVIDER_CREDIT,
        LineKind.MARKETPLACE,
    }
)


@dataclass(frozen=True, slots=True)
class StatementInput:
    """All that a customer's statement of a month is made of, frozen: the same input gives the same statement.

    ``accounts``: all that were the customer's in the month, those without usage too. ``lines``: their rows, each under
    its ``bearing_account``. ``terms``: one per provider; none means master and all switches at their default.
    ``assignments``: the customer's and the reseller's defaults; wider ones are sorted out here. ``purchase_accounts``:
    account of the purchase row by commitment id, for commitments without an ARN.
    """

    month: date
    currency: str
    accounts: tuple[Account, ...] = ()
    lines: tuple[UsageLine, ...] = ()
    terms: tuple[ProviderTerms, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    adjustment_percent: Decimal = ZERO
    credits: tuple[Credit, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    is_taxable: bool = False
    credits_lower_tax: bool = True
    purchase_mode: PurchaseMode = PurchaseMode.AMORTISED
    kind: StatementKind = StatementKind.USAGE
    exchange_rates: tuple[ExchangeRate, ...] = ()
    purchase_accounts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_month(self.month)
        check_currency(self.currency)
        check_decimal(self.adjustment_percent, "adjustment_percent")


@dataclass(frozen=True, slots=True)
class RatedStatement:
    """A statement: its printed lines, which add up to the total, and all that leads to them."""

    month: date
    currency: str
    kind: StatementKind
    lines: tuple[StatementLine, ...]
    total: Decimal
    #: Every row that was handed in, those that are on no line too, with the reason.
    rows: tuple[PricedRow, ...]
    kept_costs: tuple[KeptCost, ...]
    credits: CreditPlan
    #: The rates that were used.
    exchange_rates: tuple[ExchangeRate, ...]

    @exactly
    def sum_of(self, *kinds: LineKind) -> Decimal:
        """Return the sum of the printed lines of some kinds."""
        return sum((one.amount for one in self.lines if one.kind in kinds), ZERO)

    @property
    def usage_amount(self) -> Decimal:
        """The customer cost: usage with its pricebook, before charges, adjustment, credits and tax."""
        return self.sum_of(*USAGE_KINDS)

    @property
    def charges_amount(self) -> Decimal:
        """Charges and discounts, support plans among them."""
        return self.sum_of(LineKind.CHARGE, LineKind.DISCOUNT)

    @property
    def adjustment_amount(self) -> Decimal:
        """The global discount (below 0) or uplift."""
        return self.sum_of(LineKind.GLOBAL_ADJUSTMENT)

    @property
    def credit_amount(self) -> Decimal:
        """What credits pay, below 0."""
        return self.sum_of(LineKind.CREDIT)

    @property
    def tax_amount(self) -> Decimal:
        """All taxes together."""
        return self.sum_of(LineKind.TAX)

    @property
    @exactly
    def seller_cost(self) -> Decimal:
        """What the usage costs the reseller: of the printed lines, and what the reseller keeps beside them."""
        printed = sum((one.seller_cost for one in self.lines), ZERO)
        return printed + sum((one.seller_cost for one in self.kept_costs), ZERO)

    @property
    @exactly
    def margin(self) -> Decimal:
        """Customer cost less seller cost."""
        return self.usage_amount - self.seller_cost

    @property
    @exactly
    def commitment_margin(self) -> Decimal:
        """What the reseller keeps of commitments that did not reach the customer; unrounded, part of the margin."""
        return sum((one.commitment_margin for one in self.rows), ZERO)

    @property
    def to_review(self) -> tuple[PricedRow, ...]:
        """The rows that somebody should look at before the statement is issued."""
        return tuple(one for one in self.rows if one.reviews)

    @property
    def is_credit_note(self) -> bool:
        """Is the total below 0?"""
        return self.total < 0


@exactly
def rate_statement(given: StatementInput) -> RatedStatement:
    """Return the statement of a customer and month.

    Refuses what does not fit together (``InvalidStatement``), a plan or adjustment with a problem, and a month without
    an exchange rate that is needed (``MissingRate``, all of them named).
    """
    check_statement(given)
    converter = Converter(given.currency, given.exchange_rates)

    treated = _select_and_choose_bases(given)
    rows = _apply_pricebooks(given, treated, converter)
    usage, kept = print_usage(rows, given.currency)
    charges = _charge(given, rows, converter)
    converter.check(given.month)
    adjustment = _adjust(given, _sum(usage, charges))
    before_tax = _use_credits(given, _sum(usage, charges, adjustment), lowering_tax=True)
    tax = _tax(given, _sum(usage, charges, adjustment, _credit_lines(before_tax)))
    after_tax = _use_credits(given, _sum(usage, charges, adjustment, tax), lowering_tax=False)
    lines = (*usage, *charges, *adjustment, *_credit_lines(before_tax), *tax, *_credit_lines(after_tax))

    return RatedStatement(
        month=given.month,
        currency=given.currency,
        kind=given.kind,
        lines=lines,
        total=_sum(lines),
        rows=rows,
        kept_costs=kept,
        credits=before_tax if given.credits_lower_tax else after_tax,
        exchange_rates=tuple(converter.used[name] for name in sorted(converter.used)),
    )


def check_statement(given: StatementInput) -> None:
    """Refuse parts that do not fit together: doubles, rows of nobody's account, an adjustment that is none."""
    check_adjustment(given.adjustment_percent)
    found = [*_doubles(given)]
    known = {(one.provider, one.id) for one in given.accounts}
    strangers = {(one.provider, one.account) for one in given.lines} - known
    found += [
        problem(ProblemCode.UNKNOWN_ACCOUNT, "lines", provider=provider, account=account)
        for provider, account in sorted(strangers)
    ]
    if found:
        raise InvalidStatement(*found)


def _doubles(given: StatementInput) -> Iterator[Problem]:
    for provider, account in _twice((one.provider, one.id) for one in given.accounts):
        yield problem(ProblemCode.DUPLICATE_ACCOUNT, "accounts", provider=provider, account=account)
    for source, target in _twice((one.from_currency, one.to_currency) for one in given.exchange_rates):
        yield problem(ProblemCode.DUPLICATE_RATE, "exchange_rates", from_currency=source, to_currency=target)
    for provider in _twice(one.provider for one in given.terms):
        yield problem(ProblemCode.DUPLICATE_ID, "terms", id=provider)
    for name, ids in (
        ("assignments", [one.id for one in given.assignments]),
        ("credits", [one.id for one in given.credits]),
    ):
        for one in _twice(ids):
            yield problem(ProblemCode.DUPLICATE_ID, name, id=one)


def _twice(names: Iterable[_Name]) -> list[_Name]:
    """What occurs more than once, in its own order."""
    return sorted(name for name, times in Counter(names).items() if times > 1)


def _sum(*parts: Iterable[StatementLine]) -> Decimal:
    return sum((line.amount for part in parts for line in part), ZERO)


def _select_and_choose_bases(given: StatementInput) -> tuple[TreatedRow, ...]:
    terms = {one.provider: one for one in given.terms}
    return treat_rows(
        given.lines, given.accounts, terms, given.purchase_accounts, given.purchase_mode, given.kind
    )


def _apply_pricebooks(
    given: StatementInput, treated: Iterable[TreatedRow], converter: Converter
) -> tuple[PricedRow, ...]:
    pricer = Pricer(given.month, converter)
    return tuple(pricer.price(row) for row in treated)


def _charge(
    given: StatementInput, rows: tuple[PricedRow, ...], converter: Converter
) -> tuple[StatementLine, ...]:
    """Fees of commitments on a statement of their own are no spend of the month: plans are on the other one."""
    if given.kind is StatementKind.FEES:
        return ()
    return charge_lines(given.accounts, given.assignments, rows, given.month, converter)


def _adjust(given: StatementInput, total: Decimal) -> tuple[StatementLine, ...]:
    percent = given.adjustment_percent
    if not percent:
        return ()
    code = ReasonCode.GLOBAL_UPLIFT if percent > 0 else ReasonCode.GLOBAL_DISCOUNT
    amount = adjustment_on(total, percent, given.currency)
    return (StatementLine(LineKind.GLOBAL_ADJUSTMENT, amount, total, percent, reason(code)),)


def _use_credits(given: StatementInput, due: Decimal, *, lowering_tax: bool) -> CreditPlan:
    """Credits are used once, before or after tax, as the setting says."""
    if lowering_tax is not given.credits_lower_tax:
        return CreditPlan()
    return use_credits(given.credits, due, given.currency, given.month)


def _credit_lines(plan: CreditPlan) -> tuple[StatementLine, ...]:
    return tuple(
        StatementLine(
            LineKind.CREDIT,
            -one.amount,
            one.credit.remaining,
            None,
            reason(ReasonCode.CREDIT_USED, credit=one.credit.id, remaining=one.remaining),
            subject=one.credit.id,
        )
        for one in plan.uses
    )


def _tax(given: StatementInput, base: Decimal) -> tuple[StatementLine, ...]:
    return tuple(
        StatementLine(
            LineKind.TAX,
            one.amount,
            one.base,
            one.rate.percent,
            reason(ReasonCode.TAX),
            subject=one.rate.id,
            text=one.rate.name,
        )
        for one in tax_on(base, given.tax_rates, given.currency, is_taxable=given.is_taxable)
    )
