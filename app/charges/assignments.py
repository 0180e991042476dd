"""What happens to a customer's charges: plans assigned and taken away, the global discount or uplift."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.audit.log import because
from app.charges.models import ChargeAssignment, ChargePlan, GlobalAdjustment, PlanType
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, ProviderEnablement
from app.customers.services import check_not_archived, hold_customer
from app.errors import EditConflict, Invalid, NotVisible
from app.extensions import db
from app.providers.models import Provider, ResellerProvider
from app.shell.formats import amount_text, percent_text


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


def save_adjustment(customer: Customer, percent: Decimal, *, version: int) -> GlobalAdjustment:
    """Set the percentage on the whole statement, from -100 to +100; raises ``EditConflict`` for an old form."""
    check_not_archived(customer)
    if not -100 <= percent <= 100:
        raise Invalid(_("Enter a percentage from −100 to 100."), field="percent")
    row = adjustment_of(customer)
    if (row.version if row else 0) != version:
        raise EditConflict(
            _(
                "Somebody else changed the global discount or uplift meanwhile. Nothing was overwritten. "
                "Reload to see it."
            )
        )
    if row is None:
        row = GlobalAdjustment(reseller_id=customer.reseller_id, customer_id=customer.id, percent=percent)
        db.session.add(row)
    row.percent = percent
    db.session.flush()
    return row


def _support_plan_missing(provider_id: Any) -> ColumnElement[bool]:
    """Return the condition: authorised for the provider, and no support plan of it assigned."""
    is_authorised = exists().where(
        ProviderEnablement.customer_id == Customer.id,
        ProviderEnablement.provider_id == provider_id,
        ProviderEnablement.is_authorised.is_(True),
    )
    has_account = exists().where(
        CloudAccount.customer_id == Customer.id,
        CloudAccount.provider_id == provider_id,
        CloudAccount.status == CloudAccountStatus.ACTIVE,
    )
    has_plan = exists().where(
        ChargeAssignment.customer_id == Customer.id,
        ChargeAssignment.provider_id == provider_id,
        ChargeAssignment.plan_id == ChargePlan.id,
        ChargePlan.is_support_plan.is_(True),
    )
    return and_(or_(is_authorised, has_account), ~has_plan)


def program_providers() -> Sequence[Provider]:
    """Return the providers in whose partner program the reseller is, so that it is billed for support itself."""
    query = select(ResellerProvider).where(ResellerProvider.in_solution_provider_program.is_(True))
    return [grant.provider for grant in db.session.scalars(query)]


def customers_without_support_plan() -> ColumnElement[bool] | None:
    """Return the condition for customers whose missing support plan costs margin; None outside any program."""
    conditions = [_support_plan_missing(provider.id) for provider in program_providers()]
    return or_(*conditions) if conditions else None
