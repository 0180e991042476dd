"""What the company spends: its own customer cost alone. Seller cost, margin and prices' rules never leave this module.

The figures are computed in the reseller's sight, because what was agreed is not the customer's to read.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.customers.models import Customer
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.reports.costs import By, Wanted
from app.reports.dashboard import Spending, spending_of
from app.reports.defaults import DASHBOARD, default_of, forget_default, keep_default
from app.reports.periods import Period
from app.reports.priced_months import months_now
from app.reports.tables import Asked, Fields, Name, Row, rows_of
from app.tenancy.scope import current_scope, reseller_scope

#: What the company's report can be grouped by.
GROUPS = (By.SERVICE, By.ACCOUNT, By.PROVIDER, By.REGION, By.MONTH, By.DAY)
MOST_GROUPS = 2


@dataclass(frozen=True, slots=True)
class SpentRow:
    """A row of the company's report: ``amount`` is what it costs the company, unrounded."""

    names: tuple[Name, ...]
    currency: str
    amount: Decimal
    quantity: Decimal | None
    unit: str


def own_spending(
    customer: Customer, period: Period, today: datetime.date, providers: Sequence[str], currency: str = ""
) -> Spending:
    """Return the figures of the company's dashboard, for the providers that its portal shows."""
    with reseller_scope(customer.reseller_id):
        found = spending_of(
            period, today, customer_ids=(customer.id,), providers=tuple(providers), currency=currency
        )
    return found.spending


def first_shown(customer: Customer) -> str | None:
    """Return what the person's dashboard opens with, as an address says it; None while nothing was kept.

    Like all that is a person's own among views, it is found in the reseller's place.
    """
    with reseller_scope(customer.reseller_id, actor=current_scope().actor):
        return default_of(DASHBOARD)


def keep_first_shown(customer: Customer, arguments: str) -> None:
    """Keep what the person's dashboard opens with; with nothing, it opens as for everybody."""
    with reseller_scope(customer.reseller_id, actor=current_scope().actor), unit_of_work(db.session):
        if arguments:
            keep_default(DASHBOARD, arguments)
        else:
            forget_default(DASHBOARD)


def own_report(
    customer: Customer,
    period: Period,
    groups: Sequence[str],
    providers: Sequence[str],
    service: str,
    account: str,
    currency: str = "",
) -> list[SpentRow]:
    """Return the rows of the company's report, the most expensive first, days and months in their order."""
    wanted = Wanted(
        period.first,
        period.last,
        providers=tuple(providers),
        customer_ids=(customer.id,),
        service=service,
        account=account,
    )
    is_time = groups[0] in (By.MONTH, By.DAY)
    sort, descending = (groups[0], False) if is_time else ("customer_cost", True)
    asked = Asked(wanted, tuple(groups), ("customer_cost", "quantity"), sort, descending, currency=currency)
    with reseller_scope(customer.reseller_id):
        rows, _totals = rows_of(asked, Fields({}, {}))
    return [_spent(one) for one in rows if one.costs.customer or one.costs.quantity]


def _spent(row: Row) -> SpentRow:
    costs = row.costs
    return SpentRow(
        row.names, row.currency, costs.customer, costs.quantity if costs.unit else None, costs.unit
    )


def has_usage_of(customer: Customer, month: datetime.date) -> bool:
    """Is anything of a month there already?"""
    with reseller_scope(customer.reseller_id):
        return month in months_now().months


def has_any_usage(customer: Customer) -> bool:
    """Was any usage ever imported?"""
    with reseller_scope(customer.reseller_id):
        return bool(months_now().months)
