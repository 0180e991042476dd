"""Billing > Reconciliation: is all that a provider billed for a month in, whose is it, and is it on statements?"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from app.extensions import db
from app.providers.queries import resold_providers
from app.rating.money import ZERO, exactly
from app.rating.statement import USAGE_KINDS
from app.reports.naming import provider_names
from app.reports.priced_months import PricedMonth, delivered, months_now, read
from app.statements.models import LIVE, Kind, State, Statement, StatementLine
from app.usage.queries import closed_provider_ids, live_parts


@dataclass(slots=True)
class Reconciled:
    """One provider's month in one currency. ``delivered`` to ``unassigned`` are billed cost, as on the invoice.

    ``on_statements``: usage on statements, customer cost; ``on_drafts`` is the part of it that is not issued yet.
    """

    provider: str
    name: str
    currency: str
    delivered: Decimal = ZERO
    imported: Decimal = ZERO
    unassigned: Decimal = ZERO
    on_statements: Decimal = ZERO
    on_drafts: Decimal = ZERO
    seller_cost: Decimal = ZERO
    is_closed: bool = False
    is_incomplete: bool = False
    statements: int = 0

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
        for provider, currency, imported, unassigned in read([priced], lambda: _imported(priced)):
            row(provider, currency).imported = imported
            row(provider, currency).unassigned = unassigned
    _add_statements(month, row)
    closed = closed_provider_ids(month)
    for one in found.values():
        own = [part for part in parts if part.provider.code == one.provider]
        one.is_closed = bool(own) and all(part.provider_id in closed for part in own)
        one.is_incomplete = any(part.is_incomplete for part in own)
    order = {one.code: place for place, one in enumerate(resold_providers())}
    return sorted(found.values(), key=lambda one: (order.get(one.provider, len(order)), one.currency))


def _imported(month: PricedMonth) -> str:
    columns = "provider, currency, sum(billed), sum(nobodys_billed)"
    return f"SELECT {columns} FROM ({delivered([month])}) GROUP BY provider, currency"  # noqa: S608


def _add_statements(month: datetime.date, row: Callable[[str, str], Reconciled]) -> None:
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
