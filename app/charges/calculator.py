"""What a plan costs on a spend: the slices, which limit held, and the sum over some accounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.rating.plans import Plan, PlanAmount, PlanScope, plan_amount


@dataclass(frozen=True, slots=True)
class Calculation:
    """``each`` is computed once for every account of a plan per account, else once over the sum."""

    plan: Plan
    each: PlanAmount
    times: int
    total: Decimal


def calculate(plan: Plan, *, spend: Decimal, accounts: int) -> Calculation:
    """Return what a plan without problems costs where each of some accounts spends the same in a whole month."""
    if plan.scope is PlanScope.SUM:
        each = plan_amount(plan, spend * accounts)
        return Calculation(plan, each, 1, each.amount)
    each = plan_amount(plan, spend)
    return Calculation(plan, each, accounts, each.amount * accounts)
