"""What a dashboard shows: how much was spent, day by day, on what, and what the running month will come to."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from app.rating.money import HUNDRED, ZERO
from app.rating.months import days_in, first_day, last_day, month_after
from app.reports.account_sums import sums_of
from app.reports.charts import Chart, series_of, share, stacked
from app.reports.costs import By, Costs, Key, Sums, Wanted
from app.reports.naming import accounts_known, customers_known, provider_names
from app.reports.narrowing import EVERYTHING, Narrowing
from app.reports.periods import Period
from app.shell.formats import date_text, month_text

#: What an item is called, what stands below, and what narrows a report down to it.
_Named = tuple[str, str, dict[str, str]]
#: How many of a kind stand in a list of the largest.
TOP = 5
#: So many days of a month need to be there before it can be foretold.
LEAST_DAYS = 2
#: provider's code -> day -> what it cost
Days = dict[str, dict[datetime.date, Decimal]]
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
    """What the running month comes to if every day to come costs as much as those with data did."""

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
    #: The days that ``before`` is of.
    compared: Period
    #: The last day of the running month with data, where it is in the period.
    last_day: datetime.date | None
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
    narrowing: Narrowing = EVERYTHING,
    currency: str = "",
    suggesting: bool = False,
) -> Console:
    """Return the figures of a period: of what ``narrowing`` leaves, of some customers (None: all) and providers.

    ``suggesting``: as ``customers_known`` has it.
    """
    asked = narrowing.wanted(period)
    if customer_ids is not None:
        asked = replace(asked, customer_ids=customer_ids)
    asked = replace(asked, providers=providers)
    sums = partial(
        sums_of, accounts=narrowing.accounts, currency=currency or narrowing.currency, amounts_only=True
    )
    by_time = By.DAY if period.is_drawn_by_days else By.MONTH
    times, services, accounts, customers = sums(
        asked, (by_time, By.PROVIDER), (By.PROVIDER, By.SERVICE), (By.ACCOUNT,), (By.CUSTOMER,)
    )
    own = next(iter(times))
    running = _running_days(asked, period, times, sums, today)
    last = last_with_data(running)
    earlier = _reached(period, last, today).before()
    [before] = sums(replace(asked, first=earlier.first, last=earlier.last), ())
    names = provider_names()
    by_provider = {code: _without_time(some) for code, some in times.items()}
    costs, costs_before = (sum(one[own].values(), Costs()) for one in (by_provider, before))
    spending = Spending(
        currency=own,
        period=period,
        total=costs.customer,
        before=costs_before.customer,
        compared=earlier,
        last_day=last if period.last >= first_day(today) else None,
        days_with_data=_days_with_data(times[own]) if by_time is By.DAY else 0,
        chart=_chart(period, times[own], names),
        top_services=_top(services[own], lambda key: _service(key, names)),
        top_providers=_top(by_provider[own], lambda key: _provider(key, names)),
        top_accounts=_top_accounts(accounts[own], names),
        apart={
            code: sum(found.values(), Costs()).customer for code, found in by_provider.items() if code != own
        },
        forecast=forecast_of(first_day(today), running),
    )
    return Console(spending, costs, costs_before, _top_customers(customers[own], suggesting=suggesting))


def _running_days(
    asked: Wanted,
    period: Period,
    times: Sums,
    sums: Callable[..., list[Sums]],
    today: datetime.date,
) -> Days:
    """Return what each day of the running month cost that has data, provider by provider."""
    month = first_day(today)
    own = next(iter(times))
    if period.is_drawn_by_days and period.first <= month and period.last >= today:
        return days_of(month, times[own])
    [by_day] = sums(replace(asked, first=month, last=last_day(month)), (By.DAY, By.PROVIDER))
    return days_of(month, by_day[own])


def days_of(month: datetime.date, sums: Mapping[Key, Costs]) -> Days:
    """Return the days of a month with data, from sums by day and provider."""
    found: Days = {}
    for (day, provider), one in sums.items():
        if one.lines and month <= day:
            found.setdefault(provider, {})[day] = one.customer
    return found


def last_with_data(days: Days) -> datetime.date | None:
    """Return the latest day with data of any provider."""
    return max((day for some in days.values() for day in some), default=None)


def _reached(period: Period, last: datetime.date | None, today: datetime.date) -> Period:
    """Return the days of a period that bills tell of: a running month is compared with as many days as it has."""
    if last is None or not first_day(today) <= period.last <= last_day(today):
        return period
    return replace(period, last=max(period.first, min(period.last, last)))


def _without_time(sums: Mapping[Key, Costs]) -> dict[Key, Costs]:
    found: dict[Key, Costs] = {}
    for (_time, *rest), costs in sums.items():
        key = tuple(rest)
        found[key] = found[key] + costs if key in found else costs
    return found


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


def _top_customers(sums: Mapping[Key, Costs], *, suggesting: bool) -> list[TopItem]:
    chosen = sorted(sums.items(), key=lambda one: (-one[1].customer, str(one[0])))[:TOP]
    known = customers_known((key[0] for key, _one in chosen), suggesting=suggesting)

    def named(key: Key) -> _Named:
        one = known.get(key[0])
        return (one.name if one else ""), (one.number if one else ""), {"customer": str(key[0])}

    return _top(dict(chosen), named)


def forecast_of(month: datetime.date, days: Days) -> Forecast | None:
    """Return what a month comes to if all goes straight on; None before the second day with data of any provider.

    Each provider goes on by itself, because their bills reach differently far. What is charged once for all of a month
    stands on its first day, which is therefore no measure of the others.
    """
    number, so_far, to_come, most = days_in(month), ZERO, ZERO, 0
    for some in days.values():
        so_far += sum(some.values(), ZERO)
        others = [cost for day, cost in some.items() if day != month]
        if len(some) >= LEAST_DAYS and others:
            to_come += sum(others, ZERO) * (number - len(some)) / len(others)
            most = max(most, len(some))
    return Forecast(month, (so_far + to_come).quantize(_CENT), so_far, most, number) if most else None
