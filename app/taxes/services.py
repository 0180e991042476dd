"""Rules of tax rates (docs/taxes.md): names are unique, a change counts from a month, a rate in use is retired."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.places import country_codes
from app.kernel.references import count_owners
from app.months.locks import Lockable, Subject, first_open_month, hold_months
from app.months.terms import change_terms, forget_terms
from app.rating.months import month_after
from app.rating.problems import RatingError
from app.rating.taxes import TaxRate as RatedTax
from app.shell.formats import month_text
from app.taxes.models import TaxRate
from app.taxes.queries import earlier_payers
from app.tenancy.names import check_name_is_free

FIELDS = ("name", "country", "region", "postal_code", "is_retired")


def months_of(rate: TaxRate) -> list[Lockable]:
    """Return whose issued statements decide from which month a change of the rate can count."""
    return [Lockable(Subject.TAX_RATE, rate.id)]


def create_tax_rate(values: Mapping[str, Any], *, from_month: datetime.date | None = None) -> TaxRate:
    """Create a rate of the reseller in scope that counts from a month (None: in all months).

    ``values`` holds ``FIELDS`` and ``percent``; 20 means 20 %.
    """
    _check(values)
    rate = TaxRate(
        **{name: values[name] for name in FIELDS}, percent=values["percent"], counts_from=from_month
    )
    db.session.add(rate)
    db.session.flush()
    return rate


def change_tax_rate(
    rate: TaxRate, values: Mapping[str, Any], *, from_month: datetime.date | None = None
) -> TaxRate:
    """Change a rate; another percentage counts from a month on (None: in all months).

    Raises ``Invalid`` where a statement that used the rate was issued for one of the months.
    """
    _check(values, besides=rate.id)
    for name in FIELDS:
        if getattr(rate, name) != values[name]:
            setattr(rate, name, values[name])
    change_terms(rate, {"percent": values["percent"]}, from_month=from_month, locked_with=months_of(rate))
    db.session.flush()
    return rate


def delete_tax_rate(rate: TaxRate) -> None:
    """Delete a rate that nobody pays or paid; raises ``WrongState`` saying who does."""
    hold_months()
    _check_is_unused(rate)
    forget_terms(rate)
    db.session.delete(rate)
    db.session.flush()


def _check_is_unused(rate: TaxRate) -> None:
    customers = count_owners(db.session, TaxRate, [rate.id]).get(rate.id, 0)
    if customers:
        raise WrongState(
            ngettext(
                "%(num)s customer pays %(name)s. Retire it instead: it stays where it is and is no longer offered.",
                "%(num)s customers pay %(name)s. Retire it instead: it stays where it is and is no longer offered.",
                customers,
                name=rate.name,
            )
        )
    customers = earlier_payers([rate.id]).get(rate.id, 0)
    if customers:
        raise WrongState(
            ngettext(
                "%(num)s customer paid %(name)s in earlier months. Retire it instead: these months keep it.",
                "%(num)s customers paid %(name)s in earlier months. Retire it instead: these months keep it.",
                customers,
                name=rate.name,
            )
        )
    first = first_open_month(months_of(rate))
    if first is not None:
        raise WrongState(
            _(
                "%(name)s is on issued statements up to %(month)s. Retire it instead.",
                name=rate.name,
                month=month_text(month_after(first, -1)),
            )
        )


def _check(values: Mapping[str, Any], *, besides: int | None = None) -> None:
    if values["country"] not in country_codes():
        raise Invalid(_("Choose one of the list."), field="country")
    try:
        RatedTax(besides or 0, values["name"], values["percent"])
    except RatingError:
        raise Invalid(
            _("Enter a percentage from 0 to 100 with at most four decimals."), field="percent"
        ) from None
    check_name_is_free(db.session, TaxRate.name, values["name"], besides=besides)
