"""What providers bill a reseller of their program for support that no plan passes on: about, by their public tables."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.charges.ready_made import billed_for_support
from app.rating.exchange import Converter
from app.rating.money import ZERO
from app.rating.plans import Plan, plan_amount
from app.reports.costs import By, Costs, Key
from app.statements.ports import exchange_rates_in

#: What usage has to be summed by to tell it.
BY = (By.MONTH, By.CUSTOMER, By.PROVIDER, By.ACCOUNT)


@dataclass(slots=True)
class Support:
    """What support of one customer costs. ``plans``: by whose table; none where the provider's is not known."""

    amount: Decimal = ZERO
    plans: set[str] = field(default_factory=set)


def support_costs(
    sums: Mapping[Key, Costs], currency: str, accounts: Collection[tuple[int, str, str]]
) -> dict[int, Support]:
    """Return customer's id -> what support of ``accounts`` comes to, month by month, at what they cost the reseller.

    ``accounts``: (customer's id, provider's code, account's id) of those without a plan; ``sums`` are by ``BY``.
    """
    known = _Tables(currency)
    found: dict[int, Support] = {}
    for (month, customer, provider, account), costs in sums.items():
        if (customer, *account) not in accounts or costs.seller <= 0:
            continue
        support = found.setdefault(customer, Support())
        table = known.of(provider, month)
        if table is not None:
            support.plans.add(table[0])
            support.amount += plan_amount(table[1], costs.seller).amount
    return found


class _Tables:
    """Providers' tables in one currency, by the rates of each month; as they are where there is no rate."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._known: dict[tuple[str, datetime.date], tuple[str, Plan] | None] = {}

    def of(self, provider: str, month: datetime.date) -> tuple[str, Plan] | None:
        """Return the name of a provider's table and its terms; None where it is not known."""
        if (provider, month) not in self._known:
            named = billed_for_support(provider)
            if named is not None:
                rate = Converter(self._currency, exchange_rates_in(month)).factor(named[1].currency)
                named = named[0], named[1].converted(rate, self._currency)
            self._known[provider, month] = named
        return self._known[provider, month]
