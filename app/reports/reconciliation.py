"""Billing > Reconciliation: is all that a provider billed for a month in, where did it go, and is it on statements?"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import func, select

from app.customers.models import Customer
from app.extensions import db
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.rating.money import ZERO, exactly, round_money
from app.rating.statement import USAGE_KINDS
from app.reports.naming import accounts_known, customers_known, provider_names
from app.reports.priced_months import PricedMonth, Went, months_now, read, went
from app.statements.models import LIVE, Kind, State, Statement, StatementLine
from app.usage.queries import closed_provider_ids, live_parts


class Part(enum.StrEnum):
    """What a bill falls apart into, in the order of reading."""

    ON_STATEMENTS = "on_statements"
    WITHOUT_STATEMENT = "without_statement"
    CREDITS_KEPT = "credits_kept"
    COMMITMENTS = "commitments"
    MARKETPLACE = "marketplace"
    TAXES = "taxes"
    ARCHIVED = "archived"
    NOBODYS = "nobodys"


_PART_OF = {
    Went.CREDIT: Part.CREDITS_KEPT,
    Went.COMMITMENT: Part.COMMITMENTS,
    Went.MARKETPLACE: Part.MARKETPLACE,
    Went.TAX: Part.TAXES,
    Went.NOBODY: Part.NOBODYS,
}
_ORDER = {part: place for place, part in enumerate(Part)}


@dataclass(slots=True)
class Share:
    """One part of a bill: ``billed`` as the bill has it, ``seller`` what reports count of it as seller cost."""

    part: Part
    billed: Decimal = ZERO
    seller: Decimal = ZERO
    customers: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """An account of a customer that was archived before the month, which its provider still bills."""

    name: str
    account: str
    account_id: int | None
    customer: str
    customer_id: int
    billed: Decimal


@dataclass(slots=True)
class Reconciled:
    """One provider's month in one currency. ``delivered`` to ``unassigned`` are billed cost, as on the invoice.

    ``shares`` are what was imported, taken apart: they add up to it exactly. ``on_statements``: usage on statements,
    customer cost; ``on_drafts`` is the part of it that is not issued yet. ``seller_cost``: of the same lines.
    """

    provider: str
    name: str
    currency: str
    delivered: Decimal = ZERO
    on_statements: Decimal = ZERO
    on_drafts: Decimal = ZERO
    seller_cost: Decimal = ZERO
    is_closed: bool = False
    is_incomplete: bool = False
    statements: int = 0
    by_part: dict[Part, Share] = field(default_factory=dict)
    left_behind: list[LeftBehind] = field(default_factory=list)

    @property
    def shares(self) -> list[Share]:
        """The parts of the bill that there are; the customers' lines and the credits kept are there always."""
        usual = (Part.ON_STATEMENTS, Part.CREDITS_KEPT)
        found = {part: self.by_part.get(part) or Share(part) for part in usual} | self.by_part
        some = [one for one in found.values() if one.billed or one.seller or one.part in usual]
        return sorted(some, key=lambda one: _ORDER[one.part])

    @property
    @exactly
    def imported(self) -> Decimal:
        """All that is in."""
        return sum((one.billed for one in self.by_part.values()), ZERO)

    @property
    def unassigned(self) -> Decimal:
        """What of it belongs to nobody."""
        return self.by_part[Part.NOBODYS].billed if Part.NOBODYS in self.by_part else ZERO

    @property
    @exactly
    def seller(self) -> Decimal:
        """What reports count of it as seller cost."""
        return sum((one.seller for one in self.by_part.values()), ZERO)

    @property
    @exactly
    def roundings(self) -> tuple[Decimal, Decimal]:
        """What the parts, each rounded as it is shown, lack of their sums: of billed cost and of seller cost."""
        parts, currency = self.by_part.values(), self.currency
        billed = sum((round_money(one.billed, currency) for one in parts), ZERO)
        seller = sum((round_money(one.seller, currency) for one in parts), ZERO)
        return round_money(self.imported, currency) - billed, round_money(self.seller, currency) - seller

    @property
    @exactly
    def missing(self) -> Decimal:
        """What the provider's files name as their total and is not in."""
        return self.delivered - self.imported

    @property
    @exactly
    def margin(self) -> Decimal:
        """Usage on statements less the seller cost of the same lines."""
        return self.on_statements - self.seller_cost


_Row = Callable[[str, str], Reconciled]


def reconcile(month: datetime.date) -> list[Reconciled]:
    """Return a month provider by provider, each currency apart; those without data that are resold are there too."""
    names = provider_names()
    found: dict[tuple[str, str], Reconciled] = {}

    def row(provider: str, currency: str) -> Reconciled:
        name = provider, currency
        if name not in found:
            found[name] = Reconciled(provider, names.get(provider, provider), currency)
        return found[name]

    parts = live_parts(month)
    for part in parts:
        for currency, sums in part.totals.items():
            row(part.provider.code, currency).delivered += Decimal(sums.get("billed", "0"))
    priced = months_now().months.get(month)
    if priced is not None:
        _take_apart(priced, row)
    _add_statements(month, row)
    closed = closed_provider_ids(month)
    for one in found.values():
        own = [part for part in parts if part.provider.code == one.provider]
        one.is_closed = bool(own) and all(part.provider_id in closed for part in own)
        one.is_incomplete = any(part.is_incomplete for part in own)
    order = {one.code: place for place, one in enumerate(resold_providers())}
    return sorted(found.values(), key=lambda one: (order.get(one.provider, len(order)), one.currency))


@exactly
def _take_apart(priced: PricedMonth, row: _Row) -> None:
    """Say where all that was imported went."""
    query = f"""
        SELECT provider, currency, buyer, statement, went, sum(billed), sum(seller) FROM ({went(priced)})
        GROUP BY ALL ORDER BY ALL"""  # noqa: S608
    rows = read([priced], lambda: query)
    gone = set(db.session.scalars(select(Customer.id).where(Customer.archived_on < priced.month)))
    with_statement = _with_statement(priced.month)
    for provider, currency, buyer, statement, where, billed, seller in rows:
        if where != Went.BILLED:
            part = _PART_OF[Went(where)]
        elif buyer in gone:
            part = Part.ARCHIVED
        elif {(buyer, statement, provider), (buyer, statement, None)} & with_statement:
            part = Part.ON_STATEMENTS
        else:
            part = Part.WITHOUT_STATEMENT
        share = row(provider, currency).by_part.setdefault(part, Share(part))
        share.billed += billed
        share.seller += seller
        if buyer is not None:
            share.customers.add(buyer)
    left = gone & {one[2] for one in rows if one[4] == Went.BILLED}
    if left:
        _add_left_behind(priced, left, row)


def _with_statement(month: datetime.date) -> set[tuple[int, str, str | None]]:
    """Return whose usage or fees are on a live statement: (customer's id, kind, provider's code or None for all)."""
    query = (
        select(Statement.customer_id, Statement.kind, Provider.code)
        .outerjoin(Provider, Provider.id == Statement.provider_id)
        .where(
            Statement.month == month,
            Statement.state.in_(LIVE),
            Statement.kind.in_((Kind.USAGE, Kind.FEES)),
        )
    )
    return {(customer, kind.value, code) for customer, kind, code in db.session.execute(query)}


def _add_left_behind(priced: PricedMonth, customers: Collection[int], row: _Row) -> None:
    query = f"""
        SELECT provider, currency, buyer, account, sum(billed) FROM ({went(priced)})
        WHERE went = '{Went.BILLED}' AND list_contains($1::BIGINT[], buyer)
        GROUP BY ALL ORDER BY sum(billed) DESC, account"""  # noqa: S608
    rows: Sequence[tuple[str, str, int, str, Decimal]] = [
        (provider, currency, buyer, account, billed)
        for provider, currency, buyer, account, billed in read([priced], lambda: query, [sorted(customers)])
    ]
    people = customers_known(customers)
    accounts = accounts_known((provider, account) for provider, _, _, account, _ in rows)
    for provider, currency, buyer, account, billed in rows:
        known = accounts.get((provider, account))
        row(provider, currency).left_behind.append(
            LeftBehind(
                known.name if known else account,
                account,
                known.id if known else None,
                people[buyer].name if buyer in people else "",
                buyer,
                billed,
            )
        )


def _add_statements(month: datetime.date, row: _Row) -> None:
    query = (
        select(
            StatementLine.provider,
            Statement.currency,
            Statement.state,
            func.sum(StatementLine.amount),
            func.sum(StatementLine.seller_cost),
            func.count(Statement.id.distinct()),
        )
        .join(Statement, Statement.id == StatementLine.statement_id)
        .where(
            Statement.month == month,
            Statement.state.in_(LIVE),
            Statement.kind.in_((Kind.USAGE, Kind.FEES)),
            StatementLine.kind.in_(USAGE_KINDS),
        )
        .group_by(StatementLine.provider, Statement.currency, Statement.state)
    )
    for provider, currency, state, amount, seller, count in db.session.execute(query):
        one = row(provider, currency)
        one.on_statements += amount
        one.seller_cost += seller
        one.statements += count
        if state is State.DRAFT:
            one.on_drafts += amount
