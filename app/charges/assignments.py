"""Which plan applies where: assigned to accounts, a group, a customer or all customers, changed and taken away.

Of a customer and of the reseller's defaults alike: whoever decides by looking at several assignments holds the
customer's row, or the reseller's for the defaults, until the commit.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from app.audit.log import because
from app.charges.models import ChargeAssignment, ChargePlan, Level
from app.charges.problems import PlanRefused
from app.charges.rating import assignment_of, plan_now
from app.cloud_accounts.group_models import AccountGroup
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer
from app.customers.services import check_not_archived, hold_customer
from app.errors import Invalid, NotVisible
from app.extensions import db
from app.months.locks import EVERY_CUSTOMER, Lockable, Subject, check_open, first_open_month, hold_months
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.rating.assignments import assignment_problems
from app.rating.months import month_after, month_from, months

Month = datetime.date | None


@dataclass(frozen=True, slots=True)
class Target:
    """What a plan is assigned to: the customer as its default, chosen accounts, or one group of them."""

    level: Level = Level.CUSTOMER
    account_ids: tuple[int, ...] = ()
    group_id: int | None = None


DEFAULT = Target()


def months_of(customer: Customer | None) -> list[Lockable]:
    """Return whose issued statements say from when assignments can change; without a customer, anybody's."""
    return [EVERY_CUSTOMER if customer is None else Lockable(Subject.CUSTOMER, customer.id)]


def assignments_of(customer: Customer | None) -> Sequence[ChargeAssignment]:
    """Return what is assigned to a customer, or (None) to all, by provider, level and plan."""
    query = (
        select(ChargeAssignment)
        .join(ChargeAssignment.plan)
        .where(_is_of(customer))
        .options(joinedload(ChargeAssignment.account), joinedload(ChargeAssignment.group))
        .order_by(ChargeAssignment.provider_id, ChargePlan.name, ChargeAssignment.id)
    )
    order = [Level.CUSTOMER, Level.GROUP, Level.ACCOUNT, Level.RESELLER]
    return sorted(
        db.session.scalars(query).unique(), key=lambda one: (one.provider_id, order.index(one.level))
    )


def find_assignment(customer: Customer | None, assignment_id: int) -> ChargeAssignment:
    """Return one assignment of a customer, or (None) one of the defaults; raises ``NotVisible`` for any other."""
    query = select(ChargeAssignment).where(ChargeAssignment.id == assignment_id, _is_of(customer))
    row = db.session.scalars(query).one_or_none() if 0 < assignment_id < 2**31 else None
    if row is None:
        raise NotVisible
    return row


def _is_of(customer: Customer | None) -> ColumnElement[bool]:
    column = ChargeAssignment.customer_id
    return column.is_(None) if customer is None else column == customer.id


def assignable_plans(customer: Customer | None) -> Sequence[ChargePlan]:
    """Return the plans in force of the providers that the customer is authorised for; of all resold ones for None."""
    providers = (
        [one.id for one in resold_providers()]
        if customer is None
        else [one.provider_id for one in customer.enablements if one.is_authorised]
    )
    query = (
        select(ChargePlan)
        .where(ChargePlan.provider_id.in_(providers), ChargePlan.is_retired.is_(False))
        .order_by(ChargePlan.provider_id, ChargePlan.name)
    )
    return db.session.scalars(query).all()


def assignable_accounts(customer: Customer, provider: Provider) -> Sequence[CloudAccount]:
    """Return the active accounts of a customer at a provider, by name."""
    query = (
        select(CloudAccount)
        .where(
            CloudAccount.customer_id == customer.id,
            CloudAccount.provider_id == provider.id,
            CloudAccount.status == CloudAccountStatus.ACTIVE,
        )
        .order_by(CloudAccount.name, CloudAccount.account_id)
    )
    return db.session.scalars(query).all()


def assign_plan(
    customer: Customer | None,
    plan_id: int,
    *,
    to: Target = DEFAULT,
    first_month: Month = None,
    last_month: Month = None,
) -> list[ChargeAssignment]:
    """Assign a plan to a customer's accounts, as ``to`` says, or (no customer) to all customers as the default.

    Returns one assignment for each account, else one. Raises ``Invalid`` where the plan is none of the list, where
    the same target has it or has another support plan in one of the months, or where a month is on an issued statement.
    """
    hold_assignments(customer)
    plan = next((one for one in assignable_plans(customer) if one.id == plan_id), None)
    if plan is None:
        raise Invalid(_("Choose one of the plans of the list."), field="plan_id")
    rows = [
        ChargeAssignment(
            level=level,
            customer_id=customer.id if customer else None,
            account=account,
            group=group,
            provider=plan.provider,
            plan=plan,
            first_month=first_month,
            last_month=last_month,
        )
        for level, account, group in _targets(customer, plan, to)
    ]
    with db.session.no_autoflush:
        taken = assignments_of(customer)
        for row in rows:
            _check_months(row)
            _check_is_free(row, taken)
        hold_months()
        check_open(months_of(customer), first_month, field="first_month")
    with because("assigned"):
        db.session.add_all(rows)
        db.session.flush()
    return rows


def hold_assignments(customer: Customer | None) -> None:
    """Let nobody else change what is assigned to a customer, or (None) to all, until the commit.

    Whoever looks at an assignment before changing it begins with this, and then reads it anew.
    """
    if customer is None:
        hold_months()
        return
    hold_customer(customer)
    check_not_archived(customer)


def _targets(
    customer: Customer | None, plan: ChargePlan, to: Target
) -> list[tuple[Level, CloudAccount | None, AccountGroup | None]]:
    if customer is None:
        return [(Level.RESELLER, None, None)]
    if to.level is Level.GROUP:
        group = db.session.get(AccountGroup, to.group_id) if to.group_id else None
        if group is None or (group.customer_id, group.provider_id) != (customer.id, plan.provider_id):
            raise Invalid(_("Choose one of the groups of the list."), field="group_id")
        return [(Level.GROUP, None, group)]
    if to.level is Level.ACCOUNT:
        known = {one.id: one for one in assignable_accounts(customer, plan.provider)}
        chosen = [known[one] for one in dict.fromkeys(to.account_ids) if one in known]
        if not chosen or len(chosen) != len(set(to.account_ids)):
            raise Invalid(_("Choose the accounts that the plan is for."), field="account_ids")
        return [(Level.ACCOUNT, one, None) for one in chosen]
    return [(Level.CUSTOMER, None, None)]


def _check_months(row: ChargeAssignment) -> None:
    """Refuse months that end before they start, without a day of the plan, or without a start where one is needed."""
    if row.first_month and row.last_month and row.last_month < row.first_month:
        raise Invalid(_("The last month is before the first."), field="last_month")
    one = assignment_of(row, plan_now(row.plan))
    problems = [found for found in assignment_problems(one) if not found.field.startswith("plan.")]
    if problems:
        raise Invalid(PlanRefused(problems).message, field="first_month")
    if one.days.is_backwards:
        raise Invalid(_("There is no day in these months on which the plan holds."), field="first_month")


def _check_is_free(row: ChargeAssignment, taken: Collection[ChargeAssignment]) -> None:
    """Refuse a plan that its target has in one of the months, and a second support plan."""
    span = months(row.first_month, row.last_month)
    for one in taken:
        is_other = one is row or (one.level, one.account_id, one.group_id, one.provider_id) != (
            row.level,
            row.account.id if row.account else None,
            row.group.id if row.group else None,
            row.plan.provider_id,
        )
        if is_other or span.together(months(one.first_month, one.last_month)).is_backwards:
            continue
        where = str(row.account or row.group or row.plan.provider)
        if one.plan_id == row.plan.id:
            raise Invalid(
                _(
                    "%(plan)s is assigned to %(where)s already in one of these months.",
                    plan=row.plan,
                    where=where,
                ),
                field="plan_id",
            )
        if row.plan.is_support_plan and one.plan.is_support_plan:
            raise Invalid(
                _(
                    "%(where)s has the support plan %(plan)s already in one of these months. "
                    "Take it away or end it first.",
                    where=where,
                    plan=one.plan,
                ),
                field="plan_id",
            )


def change_assignment(
    row: ChargeAssignment,
    *,
    customer: Customer | None,
    plan_id: int,
    first_month: Month,
    last_month: Month,
) -> ChargeAssignment:
    """Change the months of an assignment, or let another plan take its place from ``first_month`` on.

    With another plan, the months before keep the present one: it ends, and a successor starts, which is returned.
    Raises ``Invalid`` where a month that would change is on an issued statement.
    """
    hold_assignments(customer)
    what = months_of(customer)
    plans = {one.id: one for one in assignable_plans(customer)} | {row.plan_id: row.plan}
    if plan_id not in plans:
        raise Invalid(_("Choose one of the plans of the list."), field="plan_id")
    if plans[plan_id].provider_id != row.provider_id:
        raise Invalid(_("Choose a plan of the same provider."), field="plan_id")
    hold_months()
    is_other_plan = plan_id != row.plan_id
    if is_other_plan or first_month != row.first_month:
        # With another plan the months before it stay as they are; else the start itself moves.
        earliest = first_month if is_other_plan else _earlier(first_month, row.first_month)
        check_open(what, earliest, field="first_month")
    if last_month != row.last_month:
        end = _sooner(last_month, row.last_month)
        check_open(what, None if end is None else month_after(end), field="last_month")
    keeps_start = is_other_plan and _earlier(row.first_month, first_month) != first_month
    taken = [one for one in assignments_of(customer) if one.id != row.id]
    with db.session.no_autoflush:
        new = ChargeAssignment(
            level=row.level,
            customer_id=row.customer_id,
            account=row.account,
            group=row.group,
            provider=row.provider,
            plan=plans[plan_id],
            first_month=first_month,
            last_month=last_month,
        )
        _check_months(new)
        _check_is_free(new, taken)
        if keeps_start and first_month is not None:
            row.last_month = _sooner(row.last_month, month_after(first_month, -1))
            db.session.add(new)
        else:
            row.plan, row.plan_id = plans[plan_id], plan_id
            row.first_month, row.last_month = first_month, last_month
            new = row
    db.session.flush()
    return new


def _earlier(one: Month, other: Month) -> Month:
    """The earlier of two starts; None is the earliest."""
    return None if one is None or other is None else min(one, other)


def _sooner(one: Month, other: Month) -> Month:
    """The sooner of two ends; None is no end."""
    ends = [month for month in (one, other) if month is not None]
    return min(ends, default=None)


def take_plan_away(customer: Customer | None, assignment_id: int) -> tuple[str, Month]:
    """Take a plan away; returns its name, and the last month in which it still counts.

    Where months of it are on issued statements it ends with the last of them; else it is gone (None).
    """
    hold_assignments(customer)
    row = find_assignment(customer, assignment_id)
    name = str(row)
    hold_months()
    ends = ends_when_taken(row, first_open_month(months_of(customer)))
    with because("unassigned"):
        if ends is None:
            db.session.delete(row)
        else:
            row.last_month = ends
        db.session.flush()
    return name, ends


def end_when_moved(account: CloudAccount, _to: Customer | None, from_day: datetime.date | None) -> None:
    """End the plans of an account that goes with the month in which it goes; its next customer agrees on new ones."""
    query = select(ChargeAssignment).where(
        ChargeAssignment.account_id == account.id, ChargeAssignment.customer_id == account.customer_id
    )
    after = month_from(from_day)
    with because("unassigned"):
        for row in db.session.scalars(query).all():
            if after is None or (row.first_month is not None and row.first_month >= after):
                db.session.delete(row)
            elif row.last_month is None or row.last_month >= after:
                row.last_month = month_after(after, -1)


def ends_when_taken(row: ChargeAssignment, first_open: Month) -> Month:
    """Return the month with which an assignment ends when it is taken away; None where it goes as a whole."""
    if first_open is None or (row.first_month is not None and row.first_month >= first_open):
        return None
    last = month_after(first_open, -1)
    return last if row.last_month is None else min(row.last_month, last)


def in_month(month: datetime.date) -> ColumnElement[bool]:
    """Return the condition for assignments that count in a month."""
    return or_(ChargeAssignment.first_month.is_(None), ChargeAssignment.first_month <= month) & or_(
        ChargeAssignment.last_month.is_(None), ChargeAssignment.last_month >= month
    )
