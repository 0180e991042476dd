"""Where margin leaks: sold under cost, support that nobody pays, accounts of nobody, prices that fell back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.rating.exchange import Converter
from app.rating.money import ZERO, exactly
from app.reports.costs import By, Costs, Sums, Wanted, added, converter_of
from app.reports.naming import Known, accounts_known, customers_known, provider_names
from app.reports.priced_months import delivered, months_now, read

#: How many of each are shown; the costliest ones.
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Leak:
    """One place. ``amount``: what it costs, in ``currency``; None where only its lines are counted."""

    title: str
    text: str
    currency: str
    amount: Decimal | None
    lines: int = 0
    customer_id: int | None = None
    account_id: int | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Leaks:
    """All that was found, the costliest first."""

    under_cost: Sequence[Leak]
    without_support: Sequence[Leak]
    unassigned: Sequence[Leak]
    fell_back: Sequence[Leak]

    @property
    def count(self) -> int:
        return sum(
            len(one) for one in (self.under_cost, self.without_support, self.unassigned, self.fell_back)
        )


#: What ``leaks_of`` needs the usage summed by.
GROUPING = (By.CUSTOMER, By.PROVIDER, By.SERVICE)


def leaks_of(wanted: Wanted, sums: Sums, accounts: Collection[tuple[int, str, str]]) -> Leaks:
    """Return where the margin of some days leaks; ``sums`` are those by ``GROUPING``.

    ``accounts``: those without a support plan, as ``accounts_without_support`` returns them.
    """
    customers = customers_known(key[0] for found in sums.values() for key in found)
    providers = provider_names()

    def leak(currency: str, key: tuple[Any, ...], amount: Decimal | None, lines: int = 0) -> Leak:
        customer, provider, service = key
        known = customers.get(customer)
        text = (
            f"{providers.get(provider, provider)} · {service}"
            if service
            else providers.get(provider, provider)
        )
        return Leak(known.name if known else "", text, currency, amount, lines, customer, provider=provider)

    everything = [(currency, key, one) for currency, found in sums.items() for key, one in found.items()]
    under = [
        leak(currency, key, -one.margin) for currency, key, one in everything if one.customer < one.seller > 0
    ]
    fell = [
        leak(currency, key, None, one.lines_without_list)
        for currency, key, one in everything
        if one.lines_without_list
    ]
    return Leaks(
        under_cost=_costliest(under),
        without_support=_costliest(_without_support(sums, customers, accounts)),
        unassigned=_costliest(unassigned(wanted)),
        fell_back=sorted(fell, key=lambda one: -one.lines),
    )


def _costliest(found: Sequence[Leak]) -> list[Leak]:
    return sorted(found, key=lambda one: (-(one.amount or ZERO), one.title))


def _without_support(
    sums: Sums, customers: Mapping[int, Known], accounts: Collection[tuple[int, str, str]]
) -> list[Leak]:
    """Customers whose missing support plan costs margin, with what they cost the reseller in these days."""
    without = {customer for customer, _provider, _account in accounts}
    names = {key: one.name for key, one in customers.items() if key in without and one.is_active}
    found: defaultdict[tuple[str, int], list[Costs]] = defaultdict(list)
    for currency, some in sums.items():
        for (customer, _provider, _service), one in some.items():
            if customer in names:
                found[currency, customer].append(one)
    return [
        Leak(names[customer], "", currency, seller, customer_id=customer)
        for (currency, customer), own in found.items()
        if (seller := added(own).seller)
    ]


@dataclass(frozen=True, slots=True)
class OfNobody:
    """What accounts cost on days on which they were nobody's, in the currency of the bill."""

    provider: str
    account: str
    currency: str
    billed: Decimal
    effective: Decimal


def costs_of_nobody(wanted: Wanted) -> list[tuple[OfNobody, Converter]]:
    """Return what was delivered of the months asked for and belongs to no customer's statement."""
    now = months_now()
    months = wanted.priced(now)
    if not months:
        return []
    names = "month, provider, account, currency, nobodys_billed, nobodys_effective"

    def query() -> str:
        return f"""
            SELECT {names} FROM ({delivered(months)})
            WHERE (nobodys_billed <> 0 OR nobodys_effective <> 0) AND $1 IN ('', provider)
            ORDER BY ALL"""  # noqa: S608

    rows = read(months, query, [wanted.provider.code if wanted.provider else ""])
    return [(OfNobody(*row), converter_of(month, now.currency)) for month, *row in rows]


@exactly
def unassigned(wanted: Wanted) -> list[Leak]:
    """Return the accounts that cost something on days on which they were nobody's."""
    merged: dict[tuple[str, str, str], Decimal] = {}
    for one, converter in costs_of_nobody(wanted):
        rate = converter.factor(one.currency)
        currency = one.currency if one.currency in converter.missing else converter.currency
        name = one.provider, one.account, currency
        merged[name] = merged.get(name, ZERO) + one.effective * rate
    known = accounts_known((provider, account) for provider, account, _currency in merged)
    providers = provider_names()
    return [
        Leak(
            known[provider, account].name if (provider, account) in known else account,
            f"{providers.get(provider, provider)} · {account}",
            currency,
            amount,
            account_id=known[provider, account].id if (provider, account) in known else None,
            provider=provider,
        )
        for (provider, account, currency), amount in merged.items()
        if amount
    ]
