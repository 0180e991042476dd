"""Late changes: a month that was delivered again after its statement was issued."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import contains_eager

from app.customers.models import Customer
from app.extensions import db
from app.rating.money import ZERO
from app.statements.models import COUNTING, Kind, Statement
from app.statements.rated import NotRated, net_of, rate_month
from app.statements.services.drafts import RATED_KINDS
from app.usage.models import UsagePart


@dataclass(frozen=True, slots=True)
class LateChange:
    """What an issued statement would be today, before credits and tax. ``fault`` says why that cannot be computed."""

    statement: Statement
    issued: Decimal
    now: Decimal
    fault: str = ""
    #: How much more usage and charges come to, before the customer's discount or uplift.
    missing: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        return self.now - self.issued


def _was_delivered_again(month: datetime.date) -> list[ColumnElement[bool]]:
    """Return what finds statements that were issued before the latest delivery of their month."""
    latest = db.session.scalar(
        select(func.max(UsagePart.imported_at)).where(
            UsagePart.month == month, UsagePart.replaced_at.is_(None)
        )
    )
    return [
        Statement.month == month,
        Statement.state.in_(COUNTING),
        Statement.kind != Kind.CREDIT_NOTE,
        false() if latest is None else Statement.issued_at < latest,
    ]


def count_delivered_again(month: datetime.date) -> int:
    """Return how many issued statements of a month may have a late change; nothing is computed for it."""
    return db.session.scalar(select(func.count(Statement.id)).where(*_was_delivered_again(month))) or 0


def late_changes(month: datetime.date) -> list[LateChange]:
    """Return the issued statements of a month that would be others today, each computed anew."""
    query = (
        select(Statement)
        .join(Statement.customer)
        .options(contains_eager(Statement.customer))
        .where(*_was_delivered_again(month))
        .order_by(Customer.organization_key, Statement.id)
    )
    found: list[LateChange] = []
    by_scope: dict[tuple[Kind, int | None], list[Statement]] = {}
    for one in db.session.scalars(query):
        by_scope.setdefault((one.kind, one.provider_id), []).append(one)
    for some in by_scope.values():
        found += _changes(some)
    return sorted(found, key=lambda one: (one.statement.customer.organization_key, one.statement.id))


def _changes(statements: Sequence[Statement]) -> list[LateChange]:
    first = statements[0]
    by_customer = {one.customer_id: one for one in statements}
    found = []
    for rated in rate_month(
        [one.customer for one in statements], first.month, RATED_KINDS[first.kind], provider=first.provider
    ):
        statement = by_customer[rated.customer.id]
        issued = statement.usage_amount + statement.charges_amount + statement.adjustment_amount
        if isinstance(rated, NotRated):
            found.append(LateChange(statement, issued, issued, str(rated)))
        elif net_of(rated.statement) != issued:
            before = statement.usage_amount + statement.charges_amount
            missing = rated.statement.usage_amount + rated.statement.charges_amount - before
            found.append(LateChange(statement, issued, net_of(rated.statement), missing=missing))
    return found
