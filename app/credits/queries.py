"""Named reads of credits. What is left is always the sum of the ledger, taken by the database."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import func, select

from app.credits.models import Credit, CreditEntry
from app.extensions import db
from app.kernel.pagination import Page, PageRequest, paginate
from app.rating import credits as rules
from app.rating.credits import EntryKind
from app.rating.money import ZERO


@dataclass(frozen=True, slots=True)
class Use:
    """What a statement took of a credit. ``is_released``: it was voided, and the credit is there again."""

    statement: str
    month: datetime.date | None
    amount: Decimal
    is_released: bool


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A credit with what became of it; all amounts are above 0."""

    credit: Credit
    used: Decimal
    reversed: Decimal
    left: Decimal
    uses: tuple[Use, ...]
    reasons: tuple[str, ...]

    def state(self, month: datetime.date) -> str:
        """Return the word of the state in a month, for its badge."""
        if not self.left:
            return "credit_used" if self.used else "credit_reversed"
        waits = self.credit.first_month is not None and self.credit.first_month > month
        return "credit_waiting" if waits else "credit_open"


def open_credits(customer_id: int) -> list[rules.Credit]:
    """Return what is left of each credit of a customer, oldest first; used up ones are left out."""
    left = func.sum(CreditEntry.change)
    query = (
        select(Credit.id, left, Credit.currency, Credit.granted_at, Credit.first_month)
        .join(CreditEntry, CreditEntry.credit_id == Credit.id)
        .where(Credit.customer_id == customer_id)
        .group_by(Credit.id, Credit.currency, Credit.granted_at, Credit.first_month)
        .having(left > ZERO)
        .order_by(Credit.granted_at, Credit.id)
    )
    return [
        rules.Credit(credit_id, remaining, currency, granted_at.date(), first_month)
        for credit_id, remaining, currency, granted_at, first_month in db.session.execute(query)
    ]


def shares_left(credit_ids: Collection[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return of each credit what of it was never reversed, and what was granted."""
    if not credit_ids:
        return {}
    change = func.sum(CreditEntry.change)
    query = (
        select(CreditEntry.credit_id, CreditEntry.kind, change)
        .where(
            CreditEntry.credit_id.in_(credit_ids),
            CreditEntry.kind.in_((EntryKind.GRANTED, EntryKind.REVERSED)),
        )
        .group_by(CreditEntry.credit_id, CreditEntry.kind)
    )
    found: defaultdict[int, dict[EntryKind, Decimal]] = defaultdict(dict)
    for credit_id, kind, amount in db.session.execute(query):
        found[credit_id][kind] = amount
    return {one: (sum(sums.values(), ZERO), sums[EntryKind.GRANTED]) for one, sums in found.items()}


def open_totals(customer_id: int) -> dict[str, Decimal]:
    """Return what is left of all credits of a customer, by currency; currencies with nothing left are left out."""
    left = func.sum(CreditEntry.change)
    query = (
        select(Credit.currency, left)
        .join(CreditEntry, CreditEntry.credit_id == Credit.id)
        .where(Credit.customer_id == customer_id)
        .group_by(Credit.currency)
        .having(left > ZERO)
        .order_by(Credit.currency)
    )
    return dict(db.session.execute(query).all())


def credit_page(customer_id: int, wanted: PageRequest, *, without_reversed: bool = False) -> Page[CreditRow]:
    """Return one page of a customer's credits, the newest first, with what became of each: four statements at most.

    ``without_reversed`` leaves out those that were taken back as a whole.
    """
    query = (
        select(Credit)
        .where(Credit.customer_id == customer_id)
        .order_by(Credit.granted_at.desc(), Credit.id.desc())
    )
    if without_reversed:
        kept = (
            select(CreditEntry.credit_id)
            .where(
                CreditEntry.customer_id == customer_id,
                CreditEntry.kind.in_((EntryKind.GRANTED, EntryKind.REVERSED)),
            )
            .group_by(CreditEntry.credit_id)
            .having(func.sum(CreditEntry.change) > ZERO)
        )
        query = query.where(Credit.id.in_(kept))
    page = paginate(db.session, query, wanted)
    return replace(page, items=rows_of(page.items))


def rows_of(credits: Sequence[Credit]) -> list[CreditRow]:
    """Return the credits with what became of them, in their order: two statements."""
    ids = [one.id for one in credits]
    sums = _sums(ids)
    uses, reasons = _told(ids)
    return [
        CreditRow(
            one,
            used=-(sums[one.id, EntryKind.USED] + sums[one.id, EntryKind.RELEASED]),
            reversed=-sums[one.id, EntryKind.REVERSED],
            left=sum((sums[one.id, kind] for kind in EntryKind), ZERO),
            uses=tuple(uses[one.id]),
            reasons=tuple(reasons[one.id]),
        )
        for one in credits
    ]


def _sums(ids: Collection[int]) -> defaultdict[tuple[int, EntryKind], Decimal]:
    found: defaultdict[tuple[int, EntryKind], Decimal] = defaultdict(lambda: ZERO)
    if ids:
        query = (
            select(CreditEntry.credit_id, CreditEntry.kind, func.sum(CreditEntry.change))
            .where(CreditEntry.credit_id.in_(ids))
            .group_by(CreditEntry.credit_id, CreditEntry.kind)
        )
        for credit_id, kind, total in db.session.execute(query):
            found[credit_id, kind] = total
    return found


def _told(ids: Collection[int]) -> tuple[dict[int, list[Use]], dict[int, list[str]]]:
    """Return by credit which statements used it, and why it was reversed."""
    uses: dict[int, list[Use]] = {one: [] for one in ids}
    reasons: dict[int, list[str]] = {one: [] for one in ids}
    query = (
        select(CreditEntry)
        .where(CreditEntry.credit_id.in_(ids), CreditEntry.kind != EntryKind.GRANTED)
        .order_by(CreditEntry.id)
    )
    entries = db.session.scalars(query).all() if ids else []
    released = {(one.credit_id, one.statement) for one in entries if one.kind is EntryKind.RELEASED}
    for one in entries:
        if one.kind is EntryKind.USED:
            is_released = (one.credit_id, one.statement) in released
            uses[one.credit_id].append(Use(one.statement, one.month, -one.change, is_released))
        elif one.kind is EntryKind.REVERSED:
            reasons[one.credit_id].append(one.reason)
    return uses, reasons
