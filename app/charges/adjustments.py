"""The global discount or uplift of a customer: a percentage on the whole statement, from a month on."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.charges.models import GlobalAdjustment
from app.customers.models import Customer
from app.customers.services import check_not_archived, hold_customer
from app.errors import EditConflict, Invalid
from app.extensions import db
from app.months.locks import Lockable, Subject
from app.months.terms import change_terms
from app.rating.adjustment import adjustment_on

#: The statement by which a percentage is told: a thousand, as people say it.
EXAMPLE = Decimal(1000)


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


def example_of(percent: Decimal, currency: str) -> Decimal:
    """Return what a statement of ``EXAMPLE`` becomes."""
    return EXAMPLE + adjustment_on(EXAMPLE, percent, currency)
