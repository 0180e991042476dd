"""Late changes: a month that was delivered again after its statement was issued, and what is not settled of it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import contains_eager

from app.charges.models import ChargeAssignment
from app.credits.queries import shares_left
from app.customers.models import Customer
from app.extensions import db
from app.rating.money import ZERO, percent_of, round_money
from app.statements.models import COUNTING, LIVE, Kind, LateSettlement, SettledBy, Statement
from app.statements.rated import NotRated, net_of, rate_month
from app.statements.services.drafts import RATED_KINDS
from app.usage.models import UsagePart

#: A percentage and an amount have four decimals at most, so many of them are a whole number.
_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class LateChange:
    """What an issued statement would be today, before credits and tax. ``fault`` is why that cannot be computed.

    ``settled`` is what was billed of the difference, or given back (below 0), so far.
    """

    statement: Statement
    issued: Decimal
    now: Decimal
    fault: NotRated | None = None
    #: How much more usage and charges come to, before the customer's discount or uplift.
    missing: Decimal = ZERO
    settled: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        return self.now - self.issued

    @property
    def open(self) -> Decimal:
        """What is still to be billed, or to be given back (below 0)."""
        return self.difference - self.settled

    @property
    def to_bill(self) -> Decimal:
        """Return ``open`` as a charge: before the discount or uplift, which applies to it on its statement."""
        if self.open <= 0 or not self.settled:
            return max(self.missing, ZERO) if self.open > 0 else ZERO
        parts = int(_PARTS * 100 + self._percent * _PARTS)
        return (
            round_money(self.open * _PARTS * 100, self.statement.currency, divided_by=parts)
            if parts
            else ZERO
        )

    def as_settled(self, charge: Decimal) -> Decimal:
        """Return what of ``open`` a charge settles: with the discount or uplift, the whole of it with the whole."""
        if charge == self.to_bill:
            return self.open
        return round_money(charge + percent_of(self._percent, charge), self.statement.currency)

    @property
    def _percent(self) -> Decimal:
        """The discount or uplift of the statement, with four decimals at most."""
        return Decimal(self.statement.frozen.get("adjustment_percent") or 0)


def _was_delivered_again(month: datetime.date) -> list[ColumnElement[bool]]:
    """Return what finds statements that were issued before the latest delivery of their month."""
    return [*_is_issued(month), _is_older(month, Statement.issued_at)]


def _is_issued(month: datetime.date) -> list[ColumnElement[bool]]:
    return [Statement.month == month, Statement.state.in_(COUNTING), Statement.kind != Kind.CREDIT_NOTE]


def _is_older(month: datetime.date, moment: Any) -> ColumnElement[bool]:
    latest = db.session.scalar(
        select(func.max(UsagePart.imported_at)).where(
            UsagePart.month == month, UsagePart.replaced_at.is_(None)
        )
    )
    return false() if latest is None else moment < latest


def count_delivered_again(month: datetime.date) -> int:
    """Return how many issued statements of a month may have a late change that nobody settled; nothing is computed."""
    settled = (
        select(func.max(LateSettlement.settled_at))
        .where(LateSettlement.statement_id == Statement.id)
        .scalar_subquery()
    )
    last = func.coalesce(settled, Statement.issued_at)
    return (
        db.session.scalar(select(func.count(Statement.id)).where(*_is_issued(month), _is_older(month, last)))
        or 0
    )


def late_changes(month: datetime.date) -> list[LateChange]:
    """Return the issued statements of a month of which something is to be billed or given back, each computed anew."""
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
        found += [one for one in _changes(some) if one.open or one.fault]
    return sorted(found, key=lambda one: (one.statement.customer.organization_key, one.statement.id))


def late_change_of(statement: Statement) -> LateChange:
    """Return what became of one issued statement since, settled or not."""
    [found] = _changes([statement])
    return found


def _changes(statements: Sequence[Statement]) -> list[LateChange]:
    first = statements[0]
    by_customer = {one.customer_id: one for one in statements}
    settled = settled_of(statements)
    found = []
    for rated in rate_month(
        [one.customer for one in statements], first.month, RATED_KINDS[first.kind], provider=first.provider
    ):
        statement = by_customer[rated.customer.id]
        before = statement.usage_amount + statement.charges_amount
        issued = before + statement.adjustment_amount
        if isinstance(rated, NotRated):
            found.append(LateChange(statement, issued, issued, rated))
            continue
        missing = rated.statement.usage_amount + rated.statement.charges_amount - before
        found.append(
            LateChange(
                statement, issued, net_of(rated.statement), missing=missing, settled=settled[statement.id]
            )
        )
    return found


# -- what was settled ----------------------------------------------------------------------------------------------


def settlements_of(statements: Iterable[Statement]) -> list[tuple[LateSettlement, Decimal]]:
    """Return what was settled of statements, with how much of it counts today.

    A charge that was taken away, a credit note that was discarded or voided, and a credit that was reversed do not.
    """
    currencies = {one.id: one.currency for one in statements}
    rows = db.session.scalars(
        select(LateSettlement).where(LateSettlement.statement_id.in_(currencies)).order_by(LateSettlement.id)
    ).all()
    by_kind: defaultdict[SettledBy, list[int]] = defaultdict(list)
    for one in rows:
        by_kind[one.settled_by].append(one.subject_id)
    charged = _ids(select(ChargeAssignment.plan_id), ChargeAssignment.plan_id, by_kind[SettledBy.CHARGE])
    notes = _ids(
        select(Statement.id).where(Statement.state.in_(LIVE)), Statement.id, by_kind[SettledBy.CREDIT_NOTE]
    )
    left = shares_left(by_kind[SettledBy.CREDIT])
    found = []
    for one in rows:
        if one.settled_by is SettledBy.CREDIT:
            kept, granted = left.get(one.subject_id, (ZERO, Decimal(1)))
            currency = currencies[one.statement_id]
            amount = round_money(one.amount * kept * _PARTS, currency, divided_by=int(granted * _PARTS))
        else:
            is_there = one.subject_id in (charged if one.settled_by is SettledBy.CHARGE else notes)
            amount = one.amount if is_there else ZERO
        found.append((one, amount))
    return found


def settled_of(statements: Iterable[Statement]) -> dict[int, Decimal]:
    """Return what was settled of statements so far, by id."""
    found: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for one, amount in settlements_of(statements):
        found[one.statement_id] += amount
    return found


def _ids(query: Select[Any], column: Any, wanted: list[int]) -> set[int]:
    return set(db.session.scalars(query.where(column.in_(wanted)))) if wanted else set()
