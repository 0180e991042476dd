"""Budgets and exchange rates of the demo world: one within its limits, one nearly used up, one of a single customer."""

from __future__ import annotations

import datetime
from decimal import Decimal

from sqlalchemy import select

from app.customers.models import Customer, CustomerStatus
from app.customers.services import reseller_currency
from app.demo.usage import MONTHS
from app.exchange_rates.models import ExchangeRate
from app.extensions import db
from app.providers.models import Provider
from app.rating.months import first_day, month_after
from app.reports.budgets import create_budget
from app.reports.models import BudgetBase, BudgetPeriod

#: What a dollar cost in euro, the running month first.
_RATES = ("0.9215", "0.9187", "0.9302", "0.9254")


def load_exchange_rates(*, now: datetime.datetime) -> None:
    """Enter what a dollar costs in euro, and the way back, for every month with usage."""
    for back in range(MONTHS + 1):
        month, rate = month_after(first_day(now.date()), -back), Decimal(_RATES[back])
        for pair, value in ((("USD", "EUR"), rate), (("EUR", "USD"), round(1 / rate, 6))):
            db.session.add(ExchangeRate(month=month, from_currency=pair[0], to_currency=pair[1], rate=value))
    db.session.flush()


def load_budgets(providers: dict[str, Provider], *, now: datetime.datetime) -> None:
    """Make budgets for the reseller in scope, and give its second customer a spend threshold."""
    query = select(Customer).where(Customer.status == CustomerStatus.ACTIVE).order_by(Customer.id).limit(2)
    first, second = db.session.scalars(query)
    for name, amount, base, period, provider, customer in (
        ("All customers", "42000", BudgetBase.CUSTOMER, BudgetPeriod.MONTHLY, None, None),
        ("Azure, what it costs us", "13500", BudgetBase.SELLER, BudgetPeriod.MONTHLY, "azure", None),
        ("Framework agreement", "18000", BudgetBase.CUSTOMER, BudgetPeriod.QUARTERLY, None, first),
    ):
        values = {
            "name": name,
            "amount": Decimal(amount),
            "currency": reseller_currency(),
            "base": base,
            "period": period,
            "provider_id": providers[provider].id if provider else None,
            "customer": customer.account_number if customer else "",
            "thresholds_text": "80 %, 100 %",
        }
        create_budget(values, today=now.date())
    second.spend_threshold_amount, second.spend_threshold_currency = Decimal(5000), reseller_currency()
    db.session.flush()
