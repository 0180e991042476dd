"""Which customers have a support plan, level by level, and whose missing one costs margin (docs/pricing.md#levels).

A plan of an account replaces that of its group, a group's the customer's default, and that the reseller's: an account
whose own plans hold no support plan has none, whatever the customer's default is. What has ended does not count.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.charges.models import ChargeAssignment, ChargePlan, Level
from app.cloud_accounts.group_models import AccountGroup, AccountGroupMember
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, ProviderEnablement
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.types import MonthDate
from app.providers.models import Provider, ResellerProvider
from app.rating.months import first_day
from app.rating.plans import Frequency


@dataclass(frozen=True, slots=True)
class SupportPlans:
    """What a customer has of support plans at its authorised providers.

    ``missing``: providers of the partner program with an active account that has none, which costs margin.
    ``undecided``: those of the program without an account yet, and without a plan for the first one.
    """

    names: list[str] = field(default_factory=list)
    missing: list[Provider] = field(default_factory=list)
    undecided: list[Provider] = field(default_factory=list)


def this_month() -> datetime.date:
    """Return the present month."""
    return first_day(utc_now().date())


def _not_over(row: Any, plan: Any, month: Any) -> ColumnElement[bool]:
    return and_(
        or_(row.last_month.is_(None), row.last_month >= month),
        or_(plan.valid_to.is_(None), plan.valid_to >= month),
        # What is charged once is over with the month in which it begins.
        or_(plan.frequency != Frequency.ONE_TIME, row.first_month >= month, plan.valid_from >= month),
    )


def _assigned(month: Any, *about: Any, level: Level, supports: bool, beside: Sequence[Any]) -> Any:
    """Return whether a level has an assignment that is not over, a support plan where ``supports``.

    ``about`` makes conditions of the assignment's class.
    """
    row, plan = aliased(ChargeAssignment), aliased(ChargePlan)
    query = exists().where(
        *(make(row) for make in about),
        row.level == level,
        row.plan_id == plan.id,
        _not_over(row, plan, month),
    )
    if supports:
        query = query.where(plan.is_support_plan.is_(True))
    return query.correlate(*beside)


def _default_supports(month: Any, beside: Sequence[Any]) -> ColumnElement[bool]:
    """Whether an account without assignments of its own or of a group has a support plan."""
    of_customer = (
        lambda row: row.customer_id == ProviderEnablement.customer_id,
        lambda row: row.provider_id == ProviderEnablement.provider_id,
    )
    of_reseller = (
        lambda row: row.customer_id.is_(None),
        lambda row: row.provider_id == ProviderEnablement.provider_id,
    )

    def has(level: Level, about: Sequence[Any], supports: bool) -> Any:
        return _assigned(month, *about, level=level, supports=supports, beside=beside)

    return case(
        (has(Level.CUSTOMER, of_customer, False), has(Level.CUSTOMER, of_customer, True)),
        else_=has(Level.RESELLER, of_reseller, True),
    )


def _is_supported(month: Any) -> ColumnElement[bool]:
    """Whether a support plan reaches the account, on whichever level; beside the enablement of its customer."""
    beside = (ProviderEnablement, CloudAccount)

    def of_account(row: Any) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = row.account_id == CloudAccount.id
        return condition

    def of_group(row: Any) -> ColumnElement[bool]:
        group = (
            select(AccountGroupMember.group_id)
            .join(AccountGroup, AccountGroup.id == AccountGroupMember.group_id)
            .where(
                AccountGroupMember.account_id == CloudAccount.id,
                AccountGroup.customer_id == CloudAccount.customer_id,
            )
            .correlate(CloudAccount)
        )
        condition: ColumnElement[bool] = row.group_id == group.scalar_subquery()
        return condition

    def has(level: Level, about: Any, supports: bool) -> Any:
        return _assigned(month, about, level=level, supports=supports, beside=beside)

    return case(
        (has(Level.ACCOUNT, of_account, False), has(Level.ACCOUNT, of_account, True)),
        (has(Level.GROUP, of_group, False), has(Level.GROUP, of_group, True)),
        else_=_default_supports(month, beside),
    )


def _without(month: Any) -> tuple[ColumnElement[bool], ...]:
    """Which of the enablement's accounts are active, and no support plan reaches them?"""
    return (
        CloudAccount.customer_id == ProviderEnablement.customer_id,
        CloudAccount.provider_id == ProviderEnablement.provider_id,
        CloudAccount.status == CloudAccountStatus.ACTIVE,
        not_(_is_supported(month)),
    )


def _account_without(month: Any) -> ColumnElement[bool]:
    """Whether the enablement's customer has an active account that no support plan reaches."""
    return exists().where(*_without(month)).correlate(ProviderEnablement)


def accounts_without_support(customer: Customer | None = None) -> set[tuple[int, str, str]]:
    """Return (customer's id, provider's code, account's id) of accounts whose missing support plan costs margin."""
    query = (
        select(ProviderEnablement.customer_id, Provider.code, CloudAccount.account_id)
        .select_from(ProviderEnablement)
        .join(Provider, Provider.id == ProviderEnablement.provider_id)
        .join(CloudAccount, and_(*_without(bindparam(None, this_month(), MonthDate()))))
        .where(ProviderEnablement.is_authorised.is_(True), _is_in_program())
    )
    if customer is not None:
        query = query.where(ProviderEnablement.customer_id == customer.id)
    return {(row.customer_id, row.code, row.account_id) for row in db.session.execute(query)}


def _is_in_program() -> ColumnElement[bool]:
    """Whether the reseller is billed for support itself: it is in the provider's partner program."""
    return (
        exists()
        .where(
            ResellerProvider.provider_id == ProviderEnablement.provider_id,
            ResellerProvider.in_solution_provider_program.is_(True),
        )
        .correlate(ProviderEnablement)
    )


def _has_account() -> ColumnElement[bool]:
    return (
        exists()
        .where(
            CloudAccount.customer_id == ProviderEnablement.customer_id,
            CloudAccount.provider_id == ProviderEnablement.provider_id,
            CloudAccount.status == CloudAccountStatus.ACTIVE,
        )
        .correlate(ProviderEnablement)
    )


def customers_without_support_plan() -> ColumnElement[bool]:
    """Return the condition for customers with a provider whose missing support plan costs margin."""
    return exists().where(
        ProviderEnablement.customer_id == Customer.id,
        ProviderEnablement.is_authorised.is_(True),
        _is_in_program(),
        _account_without(bindparam(None, this_month(), MonthDate())),
    )


@lru_cache(maxsize=1)
def _support_plans() -> Select[Any]:
    """Built once, because building it takes longer than running it."""
    month = bindparam("this_month", type_=MonthDate())
    beside = (ProviderEnablement,)
    default, plan = aliased(ChargeAssignment), aliased(ChargePlan)
    default_name = (
        select(func.min(plan.name))
        .where(
            default.customer_id.is_(None),
            default.provider_id == ProviderEnablement.provider_id,
            default.plan_id == plan.id,
            plan.is_support_plan.is_(True),
            _not_over(default, plan, month),
        )
        .correlate(ProviderEnablement)
        .scalar_subquery()
    )
    own_default = _assigned(
        month,
        lambda row: row.customer_id == ProviderEnablement.customer_id,
        lambda row: row.provider_id == ProviderEnablement.provider_id,
        level=Level.CUSTOMER,
        supports=False,
        beside=beside,
    )
    return (
        select(
            ProviderEnablement.customer_id,
            ProviderEnablement.provider_id,
            ChargePlan.name,
            case((own_default, None), else_=default_name).label("default_name"),
            and_(_is_in_program(), _account_without(month)).label("is_missing"),
            and_(_is_in_program(), not_(_has_account()), not_(_default_supports(month, beside))).label(
                "is_undecided"
            ),
        )
        .outerjoin(
            ChargeAssignment,
            and_(
                ChargeAssignment.customer_id == ProviderEnablement.customer_id,
                or_(ChargeAssignment.last_month.is_(None), ChargeAssignment.last_month >= month),
            ),
        )
        .outerjoin(
            ChargePlan,
            and_(
                ChargePlan.id == ChargeAssignment.plan_id,
                ChargePlan.provider_id == ProviderEnablement.provider_id,
                ChargePlan.is_support_plan.is_(True),
                or_(ChargePlan.valid_to.is_(None), ChargePlan.valid_to >= month),
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
    values = {"customers": list(found), "this_month": this_month()}
    for row in db.session.execute(_support_plans(), values):
        support, provider = found[row.customer_id], providers[row.provider_id]
        for name in (row.name, row.default_name):
            if name is not None and name not in support.names:
                support.names.append(name)
        for is_so, kept in ((row.is_missing, support.missing), (row.is_undecided, support.undecided)):
            if is_so and provider not in kept:  # one row for each plan
                kept.append(provider)
    return found
