# ruff: noqa: S608  (every name in the queries is a constant of this module; values go in as parameters)
"""Priced usage of some days, summed by whatever is asked for: what reports, dashboards and budgets are made of.

Prices come from ``priced_months``; nothing here knows a rule. Whole months are read from their sums and single days
from the days', so that what a report costs grows neither with the lines of the bills nor with the rules of the books.
Amounts are exact: they are converted by the month's exchange rates, and what has no rate stays apart in its own
currency.
"""

from __future__ import annotations

import datetime
import enum
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from app.exchange_rates.queries import all_rates
from app.providers.models import Provider
from app.rating.exchange import Converter, ExchangeRate
from app.rating.money import HUNDRED, ZERO, exactly
from app.rating.months import first_day, month_after
from app.reports import priced_months
from app.reports.priced_months import MonthsNow, PricedMonth, months_now
from app.reports.remembered import remembered

_PERCENT = Decimal("0.1")
_NO_UNITS: frozenset[str] = frozenset()


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
    By.MONTH: ("month",),
    By.DAY: ("day",),
}
#: What can be told of single days without reading every account and service of them.
_OF_DATES = frozenset({By.CUSTOMER, By.PROVIDER, By.MONTH, By.DAY})

#: Whatever was asked for, in its order: customer's id, provider's code, (provider, account), a text, a day.
Key = tuple[Any, ...]


class Costs(NamedTuple):
    """Sums, unrounded. ``units``: those of the quantity, which means something only where there is one.

    A tuple, because reports make many thousands of them; two are added as sums are.
    """

    seller: Decimal = ZERO
    customer: Decimal = ZERO
    quantity: Decimal = ZERO
    units: frozenset[str] = frozenset()
    lines: int = 0
    lines_without_list: int = 0

    @exactly
    def __add__(self, other: Costs) -> Costs:  # type: ignore[override]
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

    def priced(self, now: MonthsNow) -> list[PricedMonth]:
        """Return those of them that have usage."""
        return [now.months[month] for month in self.months() if month in now.months]


def converter_of(month: datetime.date, into: str) -> Converter:
    """Return what converts the amounts of a month into a currency."""
    return Converter(into, rates_now().get(month, ()))


def rates_now() -> Mapping[datetime.date, tuple[ExchangeRate, ...]]:
    """Return the exchange rates of all months, asked once in a transaction."""
    return remembered("rates", all_rates)


def sums_by(
    wanted: Wanted, *groupings: Sequence[By], currency: str = "", amounts_only: bool = False
) -> list[Sums]:
    """Return the sums of the usage, once for each grouping; the reseller's currency is always among them, and first.

    ``currency``: converted into that one instead. ``amounts_only``: no quantities, units and lines without list price.

    Raises ``WrongState`` where the files of a month are being replaced or were lost.
    """
    now = months_now()
    own = currency or now.currency
    months = [
        one for one in wanted.priced(now) if wanted.provider is None or wanted.provider.code in one.codes
    ]
    found = [_Adding(own) for _one in groupings]
    for (kind, some), places in _sources(wanted, months, groupings).items():
        reading = _Reading(kind, some, [tuple(groupings[place]) for place in places], amounts_only)
        reading.add_to([found[place] for place in places], wanted, own)
    return [one.sums() for one in found]


def total(sums: Mapping[Key, Costs]) -> Costs:
    """Return all of some sums together."""
    return added(sums.values())


@exactly
def added(some: Iterable[Costs]) -> Costs:
    """Return sums together; of thousands that is far quicker than one after the other."""
    found: list[Any] = [ZERO, ZERO, ZERO, frozenset(), 0, 0]
    for one in some:
        _add(found, one)
    return Costs(*found)


def _add(found: list[Any], amounts: Sequence[Any]) -> None:
    """Add amounts, in the order of ``Costs``; as exactly as the context that is in force."""
    seller, customer, quantity, units, lines, without = amounts
    found[0] += seller
    found[1] += customer
    found[2] += quantity
    found[3] |= units
    found[4] += lines
    found[5] += without


class _Kind(enum.Enum):
    """What can be read: whole months, all of single days, and what days came to by customer and provider."""

    MONTHS = enum.auto()
    DAYS = enum.auto()
    DATES = enum.auto()


def _sources(
    wanted: Wanted, months: Sequence[PricedMonth], groupings: Sequence[Sequence[By]]
) -> dict[tuple[_Kind, tuple[PricedMonth, ...]], list[int]]:
    """Return what is read of which months, with the places of the groupings that take it: always the least there is."""
    whole = {one.month for one in months if one.is_whole(wanted.first, wanted.last)}
    found: dict[tuple[_Kind, tuple[PricedMonth, ...]], list[int]] = defaultdict(list)
    for place, grouping in enumerate(groupings):
        chosen: dict[_Kind, list[PricedMonth]] = defaultdict(list)
        of_dates = _OF_DATES.issuperset(grouping) and not (wanted.account or wanted.service)
        for one in months:
            if one.month in whole and By.DAY not in grouping:
                chosen[_Kind.MONTHS].append(one)
            else:
                chosen[_Kind.DATES if of_dates else _Kind.DAYS].append(one)
        for kind, some in chosen.items():
            found[kind, tuple(some)].append(place)
    return found


class _Adding:
    """Sums by currency and key, growing."""

    def __init__(self, currency: str) -> None:
        #: A list once something was added: most keys have one row alone.
        self.amounts: defaultdict[str, dict[Key, Costs | list[Any]]] = defaultdict(dict)
        self.amounts[currency] = {}

    def add(self, currency: str, key: Key, amounts: Costs) -> None:
        found = self.amounts[currency]
        before = found.get(key)
        if before is None:
            found[key] = amounts
        elif isinstance(before, list):
            _add(before, amounts)
        else:
            found[key] = both = [*before]
            _add(both, amounts)

    def sums(self) -> Sums:
        return {
            currency: {
                key: Costs._make(amounts) if isinstance(amounts, list) else amounts
                for key, amounts in found.items()
            }
            for currency, found in self.amounts.items()
        }


class _Reading:
    """One query: some groupings of the same months."""

    def __init__(
        self,
        kind: _Kind,
        months: Sequence[PricedMonth],
        groupings: Sequence[tuple[By, ...]],
        amounts_only: bool,
    ) -> None:
        self._read = priced_months.AMOUNTS_READ if amounts_only else priced_months.SUMS_READ
        self._kind, self._months, self._groupings = kind, months, groupings
        self._sets = [
            tuple(dict.fromkeys(name for by in one for name in _COLUMNS[by] if by is not By.MONTH))
            for one in groupings
        ]
        self._names = tuple(dict.fromkeys(name for one in self._sets for name in one))

    @exactly
    def add_to(self, found: Sequence[_Adding], wanted: Wanted, own: str) -> None:
        """Ask, convert, and add to what is found by each grouping."""
        converters = {one.month: converter_of(one.month, own) for one in self._months}
        read_as = {} if any(By.MONTH in one for one in self._groupings) else _alike(converters)
        conditions, values = _conditions(wanted)
        if self._kind is not _Kind.MONTHS:
            conditions += f" AND day BETWEEN DATE '{wanted.first}' AND DATE '{wanted.last}'"
        sets = dict.fromkeys(frozenset(one) for one in self._sets)
        listed = ", ".join(
            f"({', '.join(('month', 'currency', 'unit_currency', *sorted(one)))})" for one in sets
        )
        names = ", ".join(self._names)

        def query() -> str:
            return f"""
                SELECT {f"grouping({names})" if names else "0"} AS which, month, currency, unit_currency,
                    {self._read}{f", {names}" if names else ""}
                FROM ({self._rows(read_as)}) WHERE true{conditions} GROUP BY GROUPING SETS ({listed})"""

        takers = self._takers(found)
        factors: dict[tuple[Any, ...], tuple[str, Decimal, str, Decimal]] = {}
        known_units: dict[tuple[str, str], frozenset[str]] = {}
        rows = priced_months.read(self._months, query, values)
        for which, month, currency, unit_currency, seller, from_cost, from_quantity, quantity, *rest in rows:
            currencies = month, currency, unit_currency
            if currencies not in factors:
                converter = converters[month]
                factors[currencies] = (*_into(converter, currency), *_into(converter, unit_currency))
            target, rate, unit_target, unit_rate = factors[currencies]
            customer, apart = Decimal(from_cost) * rate, None
            if from_quantity and unit_target == target:
                customer += Decimal(from_quantity) * unit_rate
            elif from_quantity:
                apart = Costs(customer=Decimal(from_quantity) * unit_rate)
            first_unit, last_unit, lines, without, *facts = rest
            units = _NO_UNITS
            if first_unit is not None:
                both = first_unit, last_unit
                units = known_units.get(both) or known_units.setdefault(both, frozenset(both))
            amounts = Costs(Decimal(seller) * rate, customer, Decimal(quantity), units, lines, without)
            for adding, key_of in takers[which]:
                key = key_of((month, *facts))
                adding.add(target, key, amounts)
                if apart is not None:
                    adding.add(unit_target, key, apart)

    def _rows(self, read_as: Mapping[datetime.date, datetime.date]) -> str:
        if self._kind is _Kind.MONTHS:
            return priced_months.sums(self._months, read_as)
        return priced_months.sums_of_days(self._months, read_as, by_account=self._kind is _Kind.DAYS)

    def _takers(
        self, found: Sequence[_Adding]
    ) -> dict[int, list[tuple[_Adding, Callable[[Sequence[Any]], Key]]]]:
        """Return who takes a row, by the number that DuckDB gives its grouping, and what makes a key of its facts.

        The number has a bit for each column that is not in the grouping. The facts are the month and all columns.
        """
        takers: dict[int, list[tuple[_Adding, Callable[[Sequence[Any]], Key]]]] = defaultdict(list)
        for grouping, columns, adding in zip(self._groupings, self._sets, found, strict=True):
            which = 0
            for name in self._names:
                which = which * 2 + (name not in columns)
            takers[which].append((adding, self._key_of(grouping)))
        return takers

    def _key_of(self, grouping: tuple[By, ...]) -> Callable[[Sequence[Any]], Key]:
        names = ("month", *self._names)
        places = [[names.index(name) for name in _COLUMNS[by]] for by in grouping]
        if len(places) > 1 and all(len(one) == 1 for one in places):
            return itemgetter(*(one for [one] in places))
        parts = [itemgetter(*one) for one in places]
        return lambda facts: tuple([part(facts) for part in parts])


def _alike(converters: Mapping[datetime.date, Converter]) -> dict[datetime.date, datetime.date]:
    """Return by each month the first one that is converted by the same rates."""
    first: dict[Any, datetime.date] = {}
    return {
        month: first.setdefault(
            frozenset(
                (one.from_currency, one.rate)
                for one in converter.rates
                if one.to_currency == converter.currency
            ),
            month,
        )
        for month, converter in converters.items()
    }


def _conditions(wanted: Wanted) -> tuple[str, list[Any]]:
    conditions = ""
    values: list[Any] = []

    def is_one_of(column: str, chosen: Sequence[Any]) -> str:
        first = len(values) + 1
        values.extend(chosen)
        places = ", ".join(f"${place}" for place in range(first, len(values) + 1))
        return f" AND {column} IN ({places})" if places else " AND false"

    if wanted.provider is not None:
        conditions += is_one_of("provider", [wanted.provider.code])
    if wanted.providers:
        conditions += is_one_of("provider", wanted.providers)
    if wanted.customer_ids is not None:
        conditions += is_one_of("buyer", wanted.customer_ids)
    for column, value in (("bearer", wanted.account), ("service", wanted.service)):
        if value:
            conditions += is_one_of(column, [value])
    return conditions, values


def _into(converter: Converter, currency: str) -> tuple[str, Decimal]:
    rate = converter.factor(currency)
    return (currency, Decimal(1)) if currency in converter.missing else (converter.currency, rate)
