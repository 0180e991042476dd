"""What a dashboard shows: how much was spent, day by day, on what, and what the running month will come to."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.rating.money import HUNDRED, ZERO
from app.rating.months import days_in, first_day, month_after
from app.reports.charts import Chart, series_of, share, stacked
from app.reports.costs import By, Costs, Key, Wanted, sums_by
from app.reports.naming import accounts_known, customers_known, provider_names
from app.reports.periods import Period
from app.shell.formats import date_text, month_text

#: What an item is called, what stands below, and what narrows a report down to it.
_Named = tuple[str, str, dict[str, str]]
#: How many of a kind stand in a list of the largest.
TOP = 5
_TENTH = Decimal("0.1")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class TopItem:
    """One of the largest. ``arguments``: what narrows a report down to it; ``length``: beside the largest, to 100."""

    name: str
    sub: str
    amount: Decimal
    length: Decimal
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the running month comes to if every day costs as much as those with data did."""

    month: datetime.date
    amount: Decimal
    so_far: Decimal
    days_with_data: int
    days: int


@dataclass(frozen=True, slots=True)
class Spending:
    """A dashboard's figures in one currency: customer cost alone, for whoever may see no other."""

    currency: str
    period: Period
    total: Decimal
    before: Decimal
    days_with_data: int
    chart: Chart
    top_services: Sequence[TopItem]
    top_providers: Sequence[TopItem]
    top_accounts: Sequence[TopItem]
    #: What could not be converted, by currency: beside the figures, never in them.
    apart: Mapping[str, Decimal]
    forecast: Forecast | None

    @property
    def change_percent(self) -> Decimal | None:
        """How much more was spent than in the days before, in percent; None where that was nothing."""
        if not self.before:
            return None
        return ((self.total - self.before) * HUNDRED / self.before).quantize(_TENTH)

    @property
    def daily_average(self) -> Decimal | None:
        """What a day with data cost on average, to the cent; None where there is none."""
        return (self.total / self.days_with_data).quantize(_CENT) if self.days_with_data else None


@dataclass(frozen=True, slots=True)
class Console:
    """What the reseller sees besides: what it costs, and who spends most."""

    spending: Spending
    costs: Costs
    before: Costs
    top_customers: Sequence[TopItem]


def spending_of(
    period: Period,
    today: datetime.date,
    *,
    customer_ids: tuple[int, ...] | None = None,
    providers: tuple[str, ...] = (),
) -> Console:
    """Return the figures of a period for some customers (None: all) and providers (none: all)."""
    wanted = Wanted(period.first, period.last, customer_ids=customer_ids, providers=providers)
    by_time = By.DAY if period.is_drawn_by_days else By.MONTH
    groupings = (
        (by_time, By.PROVIDER), (By.PROVIDER, By.SERVICE), (By.ACCOUNT,), (By.PROVIDER,), (By.CUSTOMER,),
    )  # fmt: skip
    times, services, accounts, by_provider, customers = sums_by(wanted, *groupings)
    earlier = period.before()
    [before] = sums_by(
        Wanted(earlier.first, earlier.last, customer_ids=customer_ids, providers=providers), ()
    )
    currency = next(iter(times))
    names = provider_names()
    costs, costs_before = (sum(one[currency].values(), Costs()) for one in (by_provider, before))
    spending = Spending(
        currency=currency,
        period=period,
        total=costs.customer,
        before=costs_before.customer,
        days_with_data=_days_with_data(times[currency]) if by_time is By.DAY else 0,
        chart=_chart(period, times[currency], names),
        top_services=_top(services[currency], lambda key: _service(key, names)),
        top_providers=_top(by_provider[currency], lambda key: _provider(key, names)),
        top_accounts=_top_accounts(accounts[currency], names),
        apart={
            code: sum(found.values(), Costs()).customer
            for code, found in by_provider.items()
            if code != currency
        },
        forecast=_forecast(wanted, period, times[currency], today),
    )
    return Console(spending, costs, costs_before, _top_customers(customers[currency]))


def _days_with_data(sums: Mapping[Key, Costs]) -> int:
    return len({key[0] for key, one in sums.items() if one.lines})


def _chart(period: Period, sums: Mapping[Key, Costs], names: Mapping[str, str]) -> Chart:
    if period.is_drawn_by_days:
        times = [period.first + datetime.timedelta(days=number) for number in range(period.days)]
        columns = [(date_text(one), str(one.day)) for one in times]
    else:
        times, month = [], first_day(period.first)
        while month <= period.last:
            times.append(month)
            month = month_after(month)
        columns = [(month_text(one), month_text(one)) for one in times]
    order = sorted({provider for _time, provider in sums})
    places = {one: place for place, one in enumerate(times)}
    values = {
        (places[time], provider): one.customer for (time, provider), one in sums.items() if time in places
    }
    return stacked(columns, series_of(order, names), values)


def _top(sums: Mapping[Key, Costs], named: Callable[[Key], _Named]) -> list[TopItem]:
    chosen = sorted(sums.items(), key=lambda one: (-one[1].customer, str(one[0])))[:TOP]
    largest = max((one.customer for _key, one in chosen), default=ZERO)
    found = []
    for key, one in chosen:
        if one.customer > 0:
            name, sub, arguments = named(key)
            found.append(TopItem(name, sub, one.customer, share(one.customer, largest), arguments))
    return found


def _service(key: Key, names: Mapping[str, str]) -> _Named:
    provider, service = key
    return (
        service or names.get(provider, provider),
        names.get(provider, provider),
        {"provider": provider, "service": service},
    )


def _provider(key: Key, names: Mapping[str, str]) -> _Named:
    return names.get(key[0], key[0]), "", {"provider": key[0]}


def _top_accounts(sums: Mapping[Key, Costs], names: Mapping[str, str]) -> list[TopItem]:
    chosen = sorted(sums.items(), key=lambda one: (-one[1].customer, str(one[0])))[:TOP]
    known = accounts_known(key[0] for key, _one in chosen)

    def named(key: Key) -> _Named:
        provider, account = key[0]
        one = known.get(key[0])
        sub = f"{names.get(provider, provider)} · {account}"
        return (one.name if one else account), sub, {"provider": provider, "account": account}

    return _top(dict(chosen), named)


def _top_customers(sums: Mapping[Key, Costs]) -> list[TopItem]:
    chosen = sorted(sums.items(), key=lambda one: (-one[1].customer, str(one[0])))[:TOP]
    known = customers_known(key[0] for key, _one in chosen)

    def named(key: Key) -> _Named:
        one = known.get(key[0])
        return (one.name if one else ""), (one.number if one else ""), {"customer": str(key[0])}

    return _top(dict(chosen), named)


def _forecast(
    wanted: Wanted, period: Period, sums: Mapping[Key, Costs], today: datetime.date
) -> Forecast | None:
    """The running month, straight on: spent so far / days with data x days of the month; None without data."""
    month = first_day(today)
    if not period.is_drawn_by_days or period.first != month:
        [running] = sums_by(
            Wanted(month, today, customer_ids=wanted.customer_ids, providers=wanted.providers), (By.DAY,)
        )
        found: Mapping[Key, Costs] = next(iter(running.values()))
    else:
        found = sums
    days = _days_with_data(found)
    if not days:
        return None
    so_far = sum(found.values(), Costs()).customer
    return Forecast(month, forecast_amount(so_far, days, days_in(month)), so_far, days, days_in(month))


def forecast_amount(so_far: Decimal, days_with_data: int, days: int) -> Decimal:
    """Return what a month comes to at the average of its days with data, to the cent."""
    return (so_far * days / days_with_data).quantize(_CENT)
