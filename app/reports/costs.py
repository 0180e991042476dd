# ruff: noqa: S608  (every name in the queries is a constant of this module; values go in as parameters)
"""Priced usage of some days, summed by whatever is asked for: what reports, dashboards and budgets are made of.

Prices come from ``statements.pricing``; nothing here knows a rule. Whole months are read from their rollup and single
days from the days', so that what a report costs does not grow with the lines of the bills. Amounts are exact: they are
converted by the month's exchange rates, and what has no rate stays apart in its own currency.
"""

from __future__ import annotations

import datetime
import enum
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from app.customers.models import Customer
from app.customers.services import reseller_currency
from app.providers.models import Provider
from app.rating.exchange import Converter
from app.rating.money import HUNDRED, ZERO, exactly
from app.rating.months import first_day, last_day, month_after
from app.statements.inputs import agreed_with, kinds_in
from app.statements.month_usage import MonthUsage, open_month
from app.statements.ports import exchange_rates_in, options_in
from app.statements.pricing import MonthPricing
from app.statements.queries import billable_customers
from app.statements.rated import pricing_of
from app.usage.queries import live_parts

_PERCENT = Decimal("0.1")


class By(enum.StrEnum):
    """What usage can be summed by."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ACCOUNT = "account"
    SERVICE = "service"
    REGION = "region"
    MONTH = "month"
    DAY = "day"


#: The columns behind each of them, in the priced usage.
_COLUMNS: dict[By, tuple[str, ...]] = {
    By.CUSTOMER: ("buyer",),
    By.PROVIDER: ("provider",),
    By.ACCOUNT: ("provider", "bearer"),
    By.SERVICE: ("service",),
    By.REGION: ("region",),
    By.MONTH: (),
    By.DAY: ("day",),
}
_READ = (
    "provider",
    "account",
    "service",
    "region",
    "currency",
    "unit",
    "quantity",
    "lines",
    "lines_without_list",
)

#: Whatever was asked for, in its order: customer's id, provider's code, (provider, account), a text, a day.
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Costs:
    """Sums, unrounded. ``units``: those of the quantity, which means something only where there is one."""

    seller: Decimal = ZERO
    customer: Decimal = ZERO
    quantity: Decimal = ZERO
    units: frozenset[str] = frozenset()
    lines: int = 0
    lines_without_list: int = 0

    @exactly
    def __add__(self, other: Costs) -> Costs:
        return Costs(
            self.seller + other.seller,
            self.customer + other.customer,
            self.quantity + other.quantity,
            self.units | other.units,
            self.lines + other.lines,
            self.lines_without_list + other.lines_without_list,
        )

    @property
    @exactly
    def margin(self) -> Decimal:
        """Customer cost less seller cost."""
        return self.customer - self.seller

    @property
    def margin_percent(self) -> Decimal | None:
        """The margin in percent of the customer cost, to one decimal; None where that is nothing."""
        if not self.customer:
            return None
        return (self.margin * HUNDRED / self.customer).quantize(_PERCENT)

    @property
    def unit(self) -> str:
        """The unit of the quantity; "" where units differ or there is none."""
        return next(iter(self.units)) if len(self.units) == 1 else ""


#: currency -> key -> sums
Sums = dict[str, dict[Key, Costs]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which usage is asked for. Empty means all; ``customer_ids`` None: everybody's."""

    first: datetime.date
    last: datetime.date
    provider: Provider | None = None
    providers: tuple[str, ...] = ()
    customer_ids: tuple[int, ...] | None = None
    account: str = ""
    service: str = ""

    def months(self) -> Iterator[datetime.date]:
        """List the months that the days are in."""
        month = first_day(self.first)
        while month <= self.last:
            yield month
            month = month_after(month)

    def holds_all_of(self, month: datetime.date) -> bool:
        """Are all days of a month asked for?"""
        return self.first <= month and last_day(month) <= self.last


@dataclass(slots=True)
class Summing:
    """Sums by currency and key, growing."""

    sums: defaultdict[str, dict[Key, Costs]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, currency: str, key: Key, costs: Costs) -> None:
        found = self.sums[currency]
        found[key] = found[key] + costs if key in found else costs


def sums_by(wanted: Wanted, *groupings: Sequence[By], currency: str = "") -> list[Sums]:
    """Return the sums of the usage, once for each grouping; the reseller's currency is always among them, and first.

    ``currency``: converted into that one instead.

    Raises ``WrongState`` where the files of a month are being replaced or were lost.
    """
    own = currency or reseller_currency()
    found = [Summing() for _one in groupings]
    for one in found:
        one.sums[own] = {}
    for month in wanted.months():
        if live_parts(month, wanted.provider):
            _add_month(wanted, month, groupings, found, own)
    return [dict(one.sums) for one in found]


def _add_month(
    wanted: Wanted,
    month: datetime.date,
    groupings: Sequence[Sequence[By]],
    found: Sequence[Summing],
    own: str,
) -> None:
    customers = [
        one
        for one in billable_customers(month, wanted.provider)
        if wanted.customer_ids is None or one.id in wanted.customer_ids
    ]
    if not customers:
        return
    converter = Converter(own, exchange_rates_in(month))
    with open_month(month, wanted.provider) as usage:
        for pricing in pricings(usage, customers):
            _add_priced(wanted, pricing, usage, groupings, found, converter)


def pricings(usage: MonthUsage, customers: Sequence[Customer]) -> Iterator[MonthPricing]:
    """Yield the month, ready to be priced for some customers: once, and once more where fees are billed apart."""
    for kind in kinds_in(options_in(usage.month)):
        yield pricing_of(usage, agreed_with(customers, usage.month, kind, payers=usage.payers))


def _add_priced(
    wanted: Wanted,
    pricing: MonthPricing,
    usage: MonthUsage,
    groupings: Sequence[Sequence[By]],
    found: Sequence[Summing],
    converter: Converter,
) -> None:
    month = pricing.month
    first, last = month.isoformat(), last_day(month).isoformat()
    # What a bill says of days outside its month counts on the month's nearest one, as on statements.
    day = f"greatest(least(usage_date, DATE '{last}'), DATE '{first}')"
    is_whole = wanted.holds_all_of(month) and not any(By.DAY in one for one in groupings)
    if is_whole:
        rows = f"SELECT *, DATE '{first}' AS day FROM ({pricing.priced_rollup(_READ)})"
    else:
        priced = pricing.priced(usage.open("days"), (*_READ, "usage_date"))
        rows = (
            f"SELECT * FROM (SELECT *, {day} AS day FROM ({priced}))"
            f" WHERE day BETWEEN DATE '{wanted.first.isoformat()}' AND DATE '{wanted.last.isoformat()}'"
        )
    conditions, values = _conditions(wanted)
    columns = [tuple(dict.fromkeys(name for by in one for name in _COLUMNS[by])) for one in groupings]
    names = tuple(dict.fromkeys(name for one in columns for name in one))
    sets = ", ".join(f"({', '.join((*one, 'currency', 'unit_currency'))})" for one in columns)
    listed = "".join(f"{name}, " for name in names)
    which = f"grouping({', '.join(names)})" if names else "0"
    query = f"""
        SELECT {which}, currency, unit_currency, sum(seller_cost), sum(from_cost), sum(from_quantity),
            coalesce(sum(quantity) FILTER (WHERE is_billed), 0),
            list_sort(list(DISTINCT unit) FILTER (WHERE is_billed)),
            sum(lines), sum(lines_without_list), {listed} FROM ({rows})
        WHERE (is_billed OR seller_cost <> 0){conditions}
        GROUP BY GROUPING SETS ({sets})""".replace(",  FROM", " FROM").replace(", FROM", " FROM")
    places = _places(columns, names)
    for row in usage.connection.execute(query, values).fetchall():
        facts = dict(zip(names, row[10:], strict=True))
        for number in places[row[0]]:
            key = tuple(_value(by, facts, month) for by in groupings[number])
            for currency, costs in _converted(row, converter):
                found[number].add(currency, key, costs)


def _places(columns: Sequence[Sequence[str]], names: Sequence[str]) -> dict[int, list[int]]:
    """Return the groupings by the number that DuckDB gives them: a bit is set for each column that is not in them."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(columns):
        bits = 0
        for name in names:
            bits = bits * 2 + (name not in one)
        found[bits].append(number)
    return found


def _conditions(wanted: Wanted) -> tuple[str, list[Any]]:
    conditions = ""
    values: list[Any] = []
    if wanted.providers:
        places = ", ".join(f"${len(values) + number}" for number in range(1, len(wanted.providers) + 1))
        conditions += f" AND provider IN ({places})"
        values += wanted.providers
    for column, value in (("bearer", wanted.account), ("service", wanted.service)):
        if value:
            values.append(value)
            conditions += f" AND {column} = ${len(values)}"
    return conditions, values


def _value(by: By, facts: Mapping[str, Any], month: datetime.date) -> Any:
    if by is By.MONTH:
        return month
    if by is By.ACCOUNT:
        return facts["provider"], facts["bearer"]
    return facts[_COLUMNS[by][0]]


@exactly
def _converted(row: Sequence[Any], converter: Converter) -> list[tuple[str, Costs]]:
    """Return the sums of a row in the reseller's currency; in their own what has no exchange rate."""
    _which, currency, unit_currency, seller, from_cost, from_quantity, quantity, units, lines, without = row[
        :10
    ]
    into = partial(_into, converter)
    target, rate = into(currency)
    unit_target, unit_rate = into(unit_currency)
    measured = frozenset(units or ())
    costs = Costs(seller * rate, from_cost * rate, quantity, measured, int(lines), int(without))
    if unit_target == target:
        return [(target, costs + Costs(customer=from_quantity * unit_rate))]
    return [(target, costs), (unit_target, Costs(customer=from_quantity * unit_rate))]


def _into(converter: Converter, currency: str) -> tuple[str, Decimal]:
    rate = converter.factor(currency)
    return (currency, Decimal(1)) if currency in converter.missing else (converter.currency, rate)


def total(sums: Mapping[Key, Costs]) -> Costs:
    """Return all of some sums together."""
    return sum(sums.values(), Costs())
