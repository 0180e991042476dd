"""The month of the customers that have a plan, for what other terms of it would have meant."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from app.charges.assignments import in_month
from app.charges.dry_run import MovedTotal, PlanRun, take_runs_from
from app.charges.models import ChargeAssignment, ChargePlan
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.queries import held_in
from app.customers.models import Customer
from app.customers.services import reseller_currency
from app.extensions import db
from app.kernel.clock import utc_now
from app.rating.commitments import StatementKind
from app.rating.money import exactly
from app.rating.plans import Plan
from app.rating.problems import RatingError
from app.rating.statement import rate_statement
from app.statements.inputs import Agreed, agreed_with
from app.statements.month_usage import open_month
from app.statements.queries import customers_by_id
from app.statements.rated import pricing_of
from app.statements.what_if import month_of_comparison

#: So many customers are computed while somebody waits.
MOST_CUSTOMERS = 200


class PlanRuns:
    """A source of ``app.charges.dry_run``."""

    @exactly
    def run(self, row: ChargePlan, after: Plan) -> PlanRun | None:
        """Compute the statements of the customers that have the plan twice."""
        month = month_of_comparison(utc_now().date())
        if month is None:
            return None
        customers = _customers_with(row, month)
        chosen = customers[:MOST_CUSTOMERS]
        found = PlanRun(month, reseller_currency(), len(customers), len(chosen))
        if not chosen:
            return found
        with open_month(month) as usage:
            agreed = agreed_with(chosen, month, StatementKind.USAGE, payers=usage.payers)
            lines = pricing_of(usage, agreed).lines()
            for one in agreed:
                own = lines[one.customer.id]
                try:
                    totals = [
                        rate_statement(some.statement(own, usage.purchases)).total
                        for some in (one, _with_plan(one, after))
                    ]
                except RatingError:
                    found.not_computed += 1
                    continue
                found.total.before += totals[0]
                found.total.after += totals[1]
                found.hit.append(MovedTotal(one.customer.organization, *totals))
        found.hit = [one for one in found.hit if one.change]
        found.hit.sort(key=lambda one: (-abs(one.change), one.name))
        return found


def _with_plan(agreed: Agreed, plan: Plan) -> Agreed:
    assigned = tuple(
        replace(one, plan=plan) if one.plan.id == plan.id else one for one in agreed.charges.assignments
    )
    return replace(agreed, charges=replace(agreed.charges, assignments=assigned))


def _customers_with(row: ChargePlan, month: datetime.date) -> Sequence[Customer]:
    """Return the customers to whom a plan is assigned in a month; as the default of all: who has accounts there."""
    query = (
        select(ChargeAssignment.customer_id)
        .where(ChargeAssignment.plan_id == row.id, in_month(month))
        .distinct()
    )
    ids = set(db.session.scalars(query))
    if None in ids:
        held = held_in(
            month, AccountPeriod.customer_id.is_not(None), CloudAccount.provider_id == row.provider_id
        )
        ids |= {one.customer_id for one in held}
    return customers_by_id({one for one in ids if one is not None})


def announce() -> None:
    """Announce it to charges."""
    take_runs_from(PlanRuns())
