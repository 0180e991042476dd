"""What happens to a customer's charges: plans assigned and taken away, the global discount or uplift."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, bindparam, exists, select

from app.audit.log import because
from app.charges.models import ChargeAssignment, ChargePlan, GlobalAdjustment, PlanType
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import check_not_archived, hold_customer
from app.errors import EditConflict, Invalid, NotVisible
from app.extensions import db
from app.months.locks import Lockable, Subject
from app.months.terms import change_terms
from app.providers.models import Provider, ResellerProvider
from app.shell.formats import amount_text, percent_text


@dataclass(frozen=True, slots=True)
class SupportPlans:
    """The support plans of a customer's authorised providers, and the providers whose missing one costs margin."""

    names: list[str] = field(default_factory=list)
    missing: list[Provider] = field(default_factory=list)


def assignments_of(customer: Customer) -> Sequence[ChargeAssignment]:
    """Return what is assigned to a customer, by provider and plan."""
    query = (
        select(ChargeAssignment)
        .join(ChargeAssignment.plan)
        .where(ChargeAssignment.customer_id == customer.id)
        .order_by(ChargeAssignment.provider_id, ChargePlan.name)
    )
    return db.session.scalars(query).all()


def assignable_plans(customer: Customer) -> Sequence[ChargePlan]:
    """Return the plans in force of the providers that the customer is authorised for."""
    authorised = [one.provider_id for one in customer.enablements if one.is_authorised]
    query = (
        select(ChargePlan)
        .where(ChargePlan.provider_id.in_(authorised), ChargePlan.is_retired.is_(False))
        .order_by(ChargePlan.provider_id, ChargePlan.name)
    )
    return db.session.scalars(query).all()


def rate_words(plan: ChargePlan) -> str:
    """Return ``10 %`` or ``EUR 49.00 a month``."""
    if plan.type is PlanType.PERCENT:
        return percent_text(plan.percent)
    return _("%(currency)s %(amount)s a month", currency=plan.currency, amount=amount_text(plan.amount))


def assign_plan(customer: Customer, plan_id: int) -> ChargeAssignment:
    """Assign a plan to a customer: the default for all accounts of the plan's provider."""
    hold_customer(customer)
    check_not_archived(customer)
    plan = next((one for one in assignable_plans(customer) if one.id == plan_id), None)
    if plan is None:
        raise Invalid(_("Choose one of the plans of the list."), field="plan_id")
    for one in assignments_of(customer):
        if one.plan_id == plan.id:
            raise Invalid(_("%(plan)s is assigned already.", plan=plan), field="plan_id")
        if plan.is_support_plan and one.plan.is_support_plan and one.provider_id == plan.provider_id:
            raise Invalid(
                _(
                    "%(provider)s has the support plan %(plan)s already. Take it away first.",
                    provider=plan.provider,
                    plan=one.plan,
                ),
                field="plan_id",
            )
    row = ChargeAssignment(
        reseller_id=customer.reseller_id, customer_id=customer.id, provider=plan.provider, plan=plan
    )
    with because("assigned"):
        db.session.add(row)
    return row


def take_plan_away(customer: Customer, assignment_id: int) -> ChargeAssignment:
    """Take an assigned plan away from a customer; returns what it was."""
    hold_customer(customer)
    check_not_archived(customer)
    row = next((one for one in assignments_of(customer) if one.id == assignment_id), None)
    if row is None:
        raise NotVisible
    with because("unassigned"):
        db.session.delete(row)
    return row


def adjustment_of(customer: Customer) -> GlobalAdjustment | None:
    """Return the customer's global discount or uplift, None where there was never one."""
    query = select(GlobalAdjustment).where(GlobalAdjustment.customer_id == customer.id)
    return db.session.scalars(query).one_or_none()


def months_of(customer: Customer) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of the customer's charges can count."""
    return [Lockable(Subject.CUSTOMER, customer.id)]


def save_adjustment(
    customer: Customer, percent: Decimal, *, from_month: datetime.date | None, version: int
) -> GlobalAdjustment:
    """Set the percentage on the whole statement, from -100 to +100, from a month on (None: in all months).

    Raises ``EditConflict`` for an old form, and ``Invalid`` where a month is on an issued statement.
    """
    hold_customer(customer)
    check_not_archived(customer)
    if not -100 <= percent <= 100:
        raise Invalid(_("Enter a percentage from −100 to 100."), field="percent")
    row = adjustment_of(customer)
    if (row.version if row else 0) != version:
        raise EditConflict
    if row is None:
        row = GlobalAdjustment(
            reseller_id=customer.reseller_id, customer_id=customer.id, percent=Decimal(0), counts_from=None
        )
        db.session.add(row)
        db.session.flush()
    change_terms(row, {"percent": percent}, from_month=from_month, locked_with=months_of(customer))
    return row


def _support_plan_missing() -> ColumnElement[bool]:
    """Return the condition for a ``ProviderEnablement`` whose missing support plan costs margin.

    The customer is authorised for the provider, the reseller is in the provider's partner program, so that it is billed
    for support itself, and no support plan of the provider is assigned. Accounts of a provider that the customer is not
    authorised for do not count: no plan can be assigned before it is authorised.
    """
    is_in_program = (
        exists()
        .where(
            ResellerProvider.provider_id == ProviderEnablement.provider_id,
            ResellerProvider.in_solution_provider_program.is_(True),
        )
        .correlate(ProviderEnablement)
    )
    has_plan = (
        exists()
        .where(
            ChargeAssignment.customer_id == ProviderEnablement.customer_id,
            ChargeAssignment.plan_id == ChargePlan.id,
            # Not the assignment's own: SQLite would go through all that the reseller assigned of the provider.
            ChargePlan.provider_id == ProviderEnablement.provider_id,
            ChargePlan.is_support_plan.is_(True),
        )
        .correlate(ProviderEnablement)
    )
    return and_(ProviderEnablement.is_authorised.is_(True), is_in_program, ~has_plan)


def customers_without_support_plan() -> ColumnElement[bool]:
    """Return the condition for customers with a provider whose missing support plan costs margin."""
    return exists().where(ProviderEnablement.customer_id == Customer.id, _support_plan_missing())


# Built once, because building it takes longer than running it.
_SUPPORT_PLANS = (
    select(
        ProviderEnablement.customer_id,
        ProviderEnablement.provider_id,
        ChargePlan.name,
        _support_plan_missing().label("is_missing"),
    )
    .outerjoin(ChargeAssignment, ChargeAssignment.customer_id == ProviderEnablement.customer_id)
    .outerjoin(
        ChargePlan,
        and_(
            ChargePlan.id == ChargeAssignment.plan_id,
            ChargePlan.provider_id == ProviderEnablement.provider_id,
            ChargePlan.is_support_plan.is_(True),
        ),
    )
    .where(
        ProviderEnablement.customer_id.in_(bindparam("customers", expanding=True)),
        ProviderEnablement.is_authorised.is_(True),
    )
    .order_by(ChargePlan.name, ProviderEnablement.provider_id)
)


def support_plans_of(customers: Sequence[Customer]) -> dict[int, SupportPlans]:
    """Return customer's id -> what it has of support plans, in one statement for all."""
    providers = {one.provider_id: one.provider for customer in customers for one in customer.enablements}
    found = {customer.id: SupportPlans() for customer in customers}
    rows = db.session.execute(_SUPPORT_PLANS, {"customers": list(found)})
    for customer_id, provider_id, name, is_missing in rows:
        support, provider = found[customer_id], providers[provider_id]
        if name is not None:
            support.names.append(name)
        elif is_missing and provider not in support.missing:  # one row for each plan of other providers
            support.missing.append(provider)
    return found
