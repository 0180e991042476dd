"""Who should have a statement of a month by now, and has none."""

from __future__ import annotations

import datetime

from sqlalchemy import Select, or_, select

from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.queries import had_in
from app.customers.models import Customer
from app.statements.models import GENERATE, LIVE, BillingOutcome, BillingRun, Kind, Outcome, Statement
from app.usage.models import UsagePart


def left_out(month: datetime.date) -> Select[tuple[Customer]]:
    """Ask for customers with an account of a provider that delivered a month, and no live statement of that account.

    Left away are those that were archived before, and those for which a run since the last delivery found nothing to
    bill.
    """
    delivery = (UsagePart.month == month, UsagePart.replaced_at.is_(None))
    came_later = (
        select(UsagePart.id)
        .where(
            *delivery,
            UsagePart.provider_id == CloudAccount.provider_id,
            UsagePart.imported_at > BillingRun.started_at,
        )
        .correlate(CloudAccount, BillingRun)
        .exists()
    )
    has_statement = (
        select(Statement.id)
        .where(
            Statement.customer_id == AccountPeriod.customer_id,
            Statement.month == month,
            Statement.state.in_(LIVE),
            Statement.kind != Kind.CREDIT_NOTE,
            or_(Statement.provider_id.is_(None), Statement.provider_id == CloudAccount.provider_id),
        )
        .exists()
    )
    has_nothing = (
        select(BillingOutcome.id)
        .join(BillingRun, BillingRun.id == BillingOutcome.run_id)
        .where(
            BillingOutcome.subject_id == AccountPeriod.customer_id,
            BillingOutcome.outcome == Outcome.NOTHING,
            BillingRun.verb == GENERATE,
            BillingRun.month == month,
            or_(BillingRun.provider_id.is_(None), BillingRun.provider_id == CloudAccount.provider_id),
            ~came_later,
        )
        .correlate(AccountPeriod, CloudAccount)
        .exists()
    )
    has_account = (
        select(AccountPeriod.id)
        .join(AccountPeriod.account)
        .where(
            AccountPeriod.customer_id == Customer.id,
            *had_in(month),
            CloudAccount.provider_id.in_(select(UsagePart.provider_id).where(*delivery)),
            ~has_statement,
            ~has_nothing,
        )
        .exists()
    )
    return (
        select(Customer)
        .where(has_account, or_(Customer.archived_on.is_(None), Customer.archived_on >= month))
        .order_by(Customer.organization_key, Customer.id)
    )
