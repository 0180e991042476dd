"""What applies to each account of a customer in a month: its plans, the level they come from, what they replace."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.charges.assignments import in_month
from app.charges.models import ChargeAssignment, Level
from app.charges.rating import account_in, assignments_in
from app.cloud_accounts.group_models import AccountGroup
from app.cloud_accounts.groups import groups_in
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.extensions import db
from app.rating.assignments import Account, Assignment, applied_to


@dataclass(frozen=True, slots=True)
class AppliedRow:
    """One account: the assignments that count, from one level, and those of wider levels that they replace."""

    account: CloudAccount
    group: str
    level: Level | None
    assignments: tuple[ChargeAssignment, ...]
    replaced: tuple[ChargeAssignment, ...]

    @property
    def has_support(self) -> bool:
        return any(one.plan.is_support_plan for one in self.assignments)


@dataclass(frozen=True, slots=True)
class ChargeInputs:
    """What a statement of a month needs of charges, as ``app.rating`` takes it."""

    accounts: tuple[Account, ...]
    assignments: tuple[Assignment, ...]


def charge_inputs(customer: Customer, accounts: Sequence[CloudAccount], month: datetime.date) -> ChargeInputs:
    """Return a customer's accounts with their group, and all assignments that can reach them in a month."""
    groups = groups_in([one.id for one in accounts], month)
    return ChargeInputs(
        tuple(account_in(one, groups.get(one.id)) for one in accounts),
        tuple(assignments_in(_assignments(customer, accounts, month), month)),
    )


def _assignments(
    customer: Customer, accounts: Sequence[CloudAccount], month: datetime.date
) -> Sequence[ChargeAssignment]:
    query = (
        select(ChargeAssignment)
        .where(
            or_(ChargeAssignment.customer_id == customer.id, ChargeAssignment.customer_id.is_(None)),
            ChargeAssignment.provider_id.in_({one.provider_id for one in accounts}),
            in_month(month),
        )
        .options(joinedload(ChargeAssignment.account), joinedload(ChargeAssignment.group))
        .order_by(ChargeAssignment.id)
    )
    return db.session.scalars(query).all()


def applied_rows(
    customer: Customer, accounts: Sequence[CloudAccount], month: datetime.date
) -> list[AppliedRow]:
    """Return what applies to accounts of a customer in a month: a few statements, whatever their number."""
    rows = _assignments(customer, accounts, month)
    by_id = {row.id: row for row in rows}
    assigned = assignments_in(rows, month)
    groups = groups_in([one.id for one in accounts], month)
    names = {row.group.id: row.group.name for row in rows if row.group is not None}
    unnamed = set(groups.values()) - set(names)
    if unnamed:
        query = select(AccountGroup.id, AccountGroup.name).where(
            AccountGroup.id.in_(unnamed),
            AccountGroup.customer_id == customer.id,  # an account that came has left another customer's
        )
        names |= dict(db.session.execute(query).all())
    found = []
    for account in accounts:
        group_id = groups.get(account.id)
        applied = applied_to(account_in(account, group_id), assigned, month)
        found.append(
            AppliedRow(
                account,
                names.get(group_id, "") if group_id else "",
                applied.level,
                tuple(by_id[one.id] for one in applied.assignments),
                tuple(by_id[one.id] for one in applied.replaced),
            )
        )
    return found
