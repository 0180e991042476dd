"""Named reads of charge plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, exists, func, select

from app.charges.assignments import in_month
from app.charges.models import ChargeAssignment, ChargePlan, Level, PlanKind
from app.charges.rating import plan_now
from app.charges.support import this_month
from app.cloud_accounts.groups import group_rows
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, CustomerStatus, ProviderEnablement
from app.extensions import db
from app.kernel.folding import fold
from app.kernel.references import count_owners
from app.providers.models import Provider
from app.rating.plans import Plan


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """What the list of plans was asked for; ``kind`` may also be ``support``."""

    text: str = ""
    provider: str = ""
    kind: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.provider or self.kind)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with the number of customers that have it."""

    plan: ChargePlan
    customers: int

    @property
    def terms(self) -> Plan:
        """The plan as its newest terms have it."""
        return plan_now(self.plan)


def plan_rows(wanted: PlanFilter) -> list[PlanRow]:
    """Return the plans that the filter finds, by provider, those in use first."""
    query = select(ChargePlan).join(ChargePlan.provider)
    if wanted.provider:
        query = query.where(Provider.code == wanted.provider)
    if wanted.kind == "support":
        query = query.where(ChargePlan.is_support_plan.is_(True))
    elif wanted.kind:
        query = query.where(ChargePlan.kind == PlanKind(wanted.kind))
    text = fold(wanted.text)
    plans = [one for one in db.session.scalars(query) if text in fold(f"{one.name} {one.line_text}")]
    plans.sort(
        key=lambda one: (one.provider.position, one.provider.name, one.is_retired, fold(one.name), one.id)
    )
    used = count_owners(db.session, ChargePlan, [plan.id for plan in plans])
    return [PlanRow(plan, used.get(plan.id, 0)) for plan in plans]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many customers are authorised for a provider, and how many of them have a default of their own."""

    customers: int = 0
    with_own: int = 0

    @property
    def reached(self) -> int:
        """How many the reseller's default reaches."""
        return self.customers - self.with_own


def reach_of_defaults() -> dict[int, Reach]:
    """Return provider's id -> whom its default reaches now."""
    own = (
        exists()
        .where(
            ChargeAssignment.customer_id == ProviderEnablement.customer_id,
            ChargeAssignment.provider_id == ProviderEnablement.provider_id,
            ChargeAssignment.level == Level.CUSTOMER,
            in_month(this_month()),
        )
        .correlate(ProviderEnablement)
    )
    query = (
        select(
            ProviderEnablement.provider_id,
            func.count(),
            func.sum(case((own, 1), else_=0)),
        )
        .join(Customer, Customer.id == ProviderEnablement.customer_id)
        .where(ProviderEnablement.is_authorised.is_(True), Customer.status == CustomerStatus.ACTIVE)
        .group_by(ProviderEnablement.provider_id)
    )
    return {
        provider_id: Reach(customers, int(with_own))
        for provider_id, customers, with_own in db.session.execute(query)
    }


def accounts_reached(customer: Customer, rows: Sequence[ChargeAssignment]) -> dict[int, int]:
    """Return assignment's id -> how many active accounts it is for now, some of which may have narrower plans."""
    if not rows:
        return {}
    at_provider = dict(
        db.session.execute(
            select(CloudAccount.provider_id, func.count())
            .where(CloudAccount.customer_id == customer.id, CloudAccount.status == CloudAccountStatus.ACTIVE)
            .group_by(CloudAccount.provider_id)
        ).all()
    )
    in_group = (
        {one.group.id: one.accounts for one in group_rows(customer)}
        if any(one.level is Level.GROUP for one in rows)
        else {}
    )
    return {
        one.id: in_group.get(one.group_id or 0, 0)
        if one.level is Level.GROUP
        else 1
        if one.level is Level.ACCOUNT
        else at_provider.get(one.provider_id, 0)
        for one in rows
    }
