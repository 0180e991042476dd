"""Credits of the demo world: one that waits to be used, one of a later month, one that was taken back in part."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sqlalchemy import select

from app.credits.services import grant_credit, reverse_credit
from app.customers.models import Customer, CustomerStatus
from app.customers.services import reseller_currency
from app.extensions import db
from app.rating.months import first_day, month_after


def load_credits(*, now: datetime.datetime) -> None:
    """Grant credits to the first customer of the reseller in scope, and one twice to the second."""
    query = select(Customer).where(Customer.status == CustomerStatus.ACTIVE).order_by(Customer.id).limit(2)
    first, second = db.session.scalars(query)
    _grant(first, "250.00", "Outage of the gateway in October", now - datetime.timedelta(days=20))
    wrong = _grant(first, "1200.00", "Migration, first part", now - datetime.timedelta(days=9))
    reverse_credit(first, wrong, Decimal("200.00"), "Agreed on 1,000 after all", now=now)
    later = month_after(first_day(now.date()), 2)
    _grant(first, "90.00", "Training voucher", now - datetime.timedelta(days=2), first_month=later)
    _grant(second, "75.00", "Welcome", now - datetime.timedelta(days=6))
    gone = _grant(second, "75.00", "Entered twice", now - datetime.timedelta(days=5))
    reverse_credit(second, gone, Decimal("75.00"), "It was entered twice", now=now)


def _grant(
    customer: Customer,
    amount: str,
    comment: str,
    at: datetime.datetime,
    *,
    first_month: datetime.date | None = None,
) -> int:
    values = {
        "amount": Decimal(amount),
        "currency": reseller_currency(),
        "comment": comment,
        "first_month": first_month,
    }
    return grant_credit(customer, values, now=at).id
