"""Whose a cloud account is: what its row says, and the days that its periods say."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.doctor.faults import Fault, of_rows
from app.extensions import db
from app.tenancy.models import Reseller


def check_ownership() -> list[Fault]:
    """Is each account the customer's whose period goes on, and on each day one customer's at most?"""
    label = (CloudAccount.account_id, Reseller.nickname)
    mine = select(*label).join(Reseller, Reseller.id == CloudAccount.reseller_id).order_by(CloudAccount.id)
    is_open = and_(AccountPeriod.cloud_account_id == CloudAccount.id, AccountPeriod.last_day.is_(None))
    differing = mine.outerjoin(AccountPeriod, is_open).where(
        func.coalesce(CloudAccount.customer_id, 0) != func.coalesce(AccountPeriod.customer_id, 0)
    )
    earlier, later = aliased(AccountPeriod), aliased(AccountPeriod)
    twice = (
        select(earlier.cloud_account_id)
        .join(later, and_(later.cloud_account_id == earlier.cloud_account_id, later.id > earlier.id))
        .where(
            or_(earlier.first_day.is_(None), later.last_day.is_(None), earlier.first_day <= later.last_day),
            or_(later.first_day.is_(None), earlier.last_day.is_(None), later.first_day <= earlier.last_day),
        )
    )
    overlapping = mine.where(CloudAccount.id.in_(twice))
    names = [
        [f"{account} of {nickname}" for account, nickname in db.session.execute(query)]
        for query in (differing, overlapping)
    ]
    return [
        *of_rows(
            "account_owner_differs",
            names[0],
            "cloud account is linked to another customer than its days say",
            "cloud accounts are linked to other customers than their days say",
            "Statements follow the days. Move each account to whoever has it, from the right day on.",
        ),
        *of_rows(
            "account_days_overlap",
            names[1],
            "cloud account is two customers' on the same day, so its usage is charged twice",
            "cloud accounts are two customers' on the same day, so their usage is charged twice",
            "Move each account to its customer from the first day of the overlap on.",
        ),
    ]
