"""Rules of exchange rates: one per month and pair, above 0, and none that an issued statement used changes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.errors import Invalid, WrongState
from app.exchange_rates.models import ExchangeRate
from app.exchange_rates.queries import stored_rates
from app.extensions import db
from app.months.locks import Lockable, Subject, first_open_month, hold_months
from app.rating import exchange
from app.rating.problems import RatingError
from app.shell.formats import month_text
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope

FIELDS = ("month", "from_currency", "to_currency", "rate")


def lockable(rate: ExchangeRate) -> Lockable:
    """Return what billing locks with the month of a statement that used the rate."""
    return Lockable(Subject.EXCHANGE_RATE, rate.id)


def usual_pair() -> tuple[str, str]:
    """Return the pair that a new rate is most often for: what providers bill in, and the reseller's own currency."""
    own = db.session.scalars(
        select(Reseller.currency).where(Reseller.id == current_scope().reseller_id)
    ).one()
    return ("EUR" if own == "USD" else "USD"), own


def add_rate(values: Mapping[str, Any]) -> ExchangeRate:
    """Add the rate of a month and pair; refuses a second one."""
    hold_months()
    _check(values)
    rate = ExchangeRate(**{name: values[name] for name in FIELDS})
    db.session.add(rate)
    db.session.flush()
    return rate


def change_rate(rate: ExchangeRate, values: Mapping[str, Any]) -> ExchangeRate:
    """Change a rate; raises ``WrongState`` where an issued statement used it."""
    hold_months()
    if all(getattr(rate, name) == values[name] for name in FIELDS):
        return rate
    _check_is_open(rate)
    _check(values, besides=rate.id)
    for name in FIELDS:
        setattr(rate, name, values[name])
    db.session.flush()
    return rate


def delete_rate(rate: ExchangeRate) -> None:
    """Delete a rate; raises ``WrongState`` where an issued statement used it."""
    hold_months()
    _check_is_open(rate)
    db.session.delete(rate)
    db.session.flush()


def copy_rates(source: datetime.date, target: datetime.date) -> int:
    """Give a month the rates of another one, where it has none for the pair yet; returns how many."""
    hold_months()
    has = {(one.from_currency, one.to_currency) for one in stored_rates(target)}
    new = [
        ExchangeRate(
            month=target, from_currency=one.from_currency, to_currency=one.to_currency, rate=one.rate
        )
        for one in stored_rates(source)
        if (one.from_currency, one.to_currency) not in has
    ]
    if not new:
        raise WrongState(
            _(
                "%(target)s has every rate of %(source)s.",
                target=month_text(target),
                source=month_text(source),
            )
        )
    db.session.add_all(new)
    db.session.flush()
    return len(new)


def _check_is_open(rate: ExchangeRate) -> None:
    if first_open_month([lockable(rate)]) is not None:
        raise WrongState(
            _(
                "Issued statements of %(month)s used this rate, so it cannot change any more.",
                month=month_text(rate.month),
            )
        )


def _check(values: Mapping[str, Any], *, besides: int | None = None) -> None:
    if values["from_currency"] == values["to_currency"]:
        raise Invalid(_("Choose two different currencies."), field="to_currency")
    try:
        exchange.ExchangeRate(values["from_currency"], values["to_currency"], values["rate"])
    except RatingError:
        raise Invalid(_("Enter a rate above 0."), field="rate") from None
    query = select(ExchangeRate.id).where(
        ExchangeRate.month == values["month"],
        ExchangeRate.from_currency == values["from_currency"],
        ExchangeRate.to_currency == values["to_currency"],
        ExchangeRate.id != (besides or 0),
    )
    if db.session.scalars(query).first() is not None:
        raise Invalid(
            _(
                "%(month)s has a rate from %(source)s to %(target)s already. Change that one.",
                month=month_text(values["month"]),
                source=values["from_currency"],
                target=values["to_currency"],
            ),
            field="month",
        )
