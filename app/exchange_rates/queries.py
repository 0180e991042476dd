"""Named reads of exchange rates."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.exchange_rates.models import ExchangeRate
from app.extensions import db
from app.months.models import MonthLock, Subject
from app.rating import exchange


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate in a list. ``is_locked``: an issued statement used it."""

    rate: ExchangeRate
    is_locked: bool


def rows_of(month: datetime.date | None = None) -> list[RateRow]:
    """Return the rates of a month (None: of all), the latest month first."""
    query = select(ExchangeRate).order_by(
        ExchangeRate.month.desc(), ExchangeRate.from_currency, ExchangeRate.to_currency
    )
    if month is not None:
        query = query.where(ExchangeRate.month == month)
    rates = db.session.scalars(query).all()
    locked = set(
        db.session.scalars(
            select(MonthLock.subject_id).where(
                MonthLock.subject == Subject.EXCHANGE_RATE,
                MonthLock.subject_id.in_([one.id for one in rates]),
            )
        )
    )
    return [RateRow(one, one.id in locked) for one in rates]


def months_with_rates() -> Sequence[datetime.date]:
    """Return the months that have any rate, the latest first."""
    return db.session.scalars(select(ExchangeRate.month).distinct().order_by(ExchangeRate.month.desc())).all()


def stored_rates(month: datetime.date) -> Sequence[ExchangeRate]:
    """Return the rates of a month as rows, in the order of their pairs: whoever uses one at issue locks it."""
    query = select(ExchangeRate).where(ExchangeRate.month == month)
    return db.session.scalars(query.order_by(ExchangeRate.from_currency, ExchangeRate.to_currency)).all()


def all_rates() -> dict[datetime.date, tuple[exchange.ExchangeRate, ...]]:
    """Return the rates of all months that have any, in the order of their pairs, with one statement."""
    found: defaultdict[datetime.date, list[exchange.ExchangeRate]] = defaultdict(list)
    query = select(
        ExchangeRate.month, ExchangeRate.from_currency, ExchangeRate.to_currency, ExchangeRate.rate
    ).order_by(ExchangeRate.from_currency, ExchangeRate.to_currency)
    for month, *pair in db.session.execute(query):
        found[month].append(exchange.ExchangeRate(*pair))
    return {month: tuple(rates) for month, rates in found.items()}


def rates_in(month: datetime.date) -> tuple[exchange.ExchangeRate, ...]:
    """Return the rates of a month, as ``StatementInput`` takes them."""
    return tuple(
        exchange.ExchangeRate(one.from_currency, one.to_currency, one.rate) for one in stored_rates(month)
    )
