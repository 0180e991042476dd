"""The plans of a statement become printed lines: fixed ones first, then those that are a percentage of something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from app.rating.assignments import Account, Assignment, Charged, charged_in, check_assignment
from app.rating.exchange import Converter
from app.rating.money import ZERO, exactly, share
from app.rating.months import days_in
from app.rating.plans import Plan, PlanAmount, PlanBase, PlanKind, PlanType, plan_amount
from app.rating.pricing import PricedRow, StatementLine
from app.rating.reasons import Reason, ReasonCode, reason
from app.rating.usage import LineKind

_CODES = {
    PlanType.FIXED: ReasonCode.PLAN_FIXED,
    PlanType.PERCENT: ReasonCode.PLAN_PERCENT,
    PlanType.TIERED: ReasonCode.PLAN_TIERED,
}


@exactly
def charge_lines(
    accounts: Sequence[Account],
    assignments: Sequence[Assignment],
    rows: Iterable[PricedRow],
    month: date,
    converter: Converter,
) -> tuple[StatementLine, ...]:
    """Return the lines of all plans that are due, by plan and account; what is taken off is below 0.

    Plans that are a percentage of something see usage, unrounded; fixed charges only where they say so; and never one
    another. Refuses an assignment or plan that has a problem.
    """
    for one in assignments:
        check_assignment(one)
    due = charged_in(accounts, assignments, month)
    bases = Bases(rows)
    fixed = [one for one in due if one.assignment.plan.type is PlanType.FIXED]
    others = [one for one in due if one.assignment.plan.type is not PlanType.FIXED]
    first = [line for one in fixed for line in _lines(one, bases, (), month, converter)]
    then = [line for one in others for line in _lines(one, bases, first, month, converter)]
    return (*first, *then)


class Bases:
    """The rows of a statement by account, for what plans are a percentage of."""

    def __init__(self, rows: Iterable[PricedRow]) -> None:
        self._rows: dict[tuple[str, str], list[PricedRow]] = {}
        for row in rows:
            if row.treatment.is_billed:
                self._rows.setdefault((row.line.provider, row.line.account), []).append(row)

    @exactly
    def of(self, plan: Plan, account: Account) -> Decimal:
        """Return the unrounded sum that a plan sees of an account."""
        return sum(
            (
                _part(row, plan.base)
                for row in self._rows.get((account.provider, account.id), ())
                if row.line.service not in plan.excluded_services
                and (plan.includes_marketplace or row.treatment.kind is not LineKind.MARKETPLACE)
            ),
            ZERO,
        )


def _part(row: PricedRow, base: PlanBase) -> Decimal:
    return {
        PlanBase.LIST_COST: row.list_cost,
        PlanBase.SELLER_COST: row.seller_cost,
        PlanBase.CUSTOMER_COST: row.amount,
    }[base]


def _lines(
    charged: Charged, bases: Bases, fixed: Sequence[StatementLine], month: date, converter: Converter
) -> list[StatementLine]:
    plan = _in_currency(charged.assignment.plan, converter)
    seen = [
        bases.of(plan, one) + (_fixed_of(one, fixed) if plan.includes_fixed else ZERO)
        for one in charged.accounts
    ]
    fee = plan_amount(plan, sum(seen, ZERO), days=charged.days, days_in_month=days_in(month))
    parts = share(fee.amount, seen, converter.currency)
    is_charge = plan.kind is PlanKind.CHARGE
    why = _reason(charged, fee)
    return [
        StatementLine(
            kind=LineKind.CHARGE if is_charge else LineKind.DISCOUNT,
            amount=part if is_charge else -part,
            basis=base,
            rate=plan.percent,
            reason=why,
            provider=account.provider,
            account=account.id,
            subject=plan.id,
            text=plan.text,
        )
        for account, base, part in zip(charged.accounts, seen, parts, strict=True)
        if part or base
    ]


def _in_currency(plan: Plan, converter: Converter) -> Plan:
    """The plan in the currency of the statement; the rate is only asked for where it has amounts."""
    rate = converter.factor(plan.currency) if plan.has_amounts else Decimal(1)
    return plan.converted(rate, converter.currency)


def _fixed_of(account: Account, lines: Iterable[StatementLine]) -> Decimal:
    mine = [one.amount for one in lines if (one.provider, one.account) == (account.provider, account.id)]
    return sum(mine, ZERO)


def _reason(charged: Charged, fee: PlanAmount) -> Reason:
    return reason(
        _CODES[charged.assignment.plan.type],
        plan=charged.assignment.plan.id,
        assignment=charged.assignment.id,
        level=charged.assignment.level.value,
        limit=fee.limit.value,
        accounts=len(charged.accounts),
        base=fee.base,
        fee=fee.amount,
        days=fee.days,
        days_in_month=fee.days_in_month,
    )
