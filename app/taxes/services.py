"""Rules of tax rates (pricing, 8): names are unique, an assigned rate is retired instead of deleted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.places import country_codes
from app.kernel.references import count_owners
from app.taxes.models import TaxRate
from app.tenancy.names import check_name_is_free

FIELDS = ("name", "country", "region", "postal_code", "percent", "is_retired")


def create_tax_rate(values: Mapping[str, Any]) -> TaxRate:
    """Create a rate of the reseller in scope. ``values`` holds ``FIELDS``; 20 means 20 %."""
    _check(values)
    rate = TaxRate(**{name: values[name] for name in FIELDS})
    db.session.add(rate)
    db.session.flush()
    return rate


def change_tax_rate(rate: TaxRate, values: Mapping[str, Any]) -> TaxRate:
    """Change a rate. Statements that were issued keep the rate they were made with."""
    _check(values, besides=rate.id)
    for name in FIELDS:
        if getattr(rate, name) != values[name]:
            setattr(rate, name, values[name])
    db.session.flush()
    return rate


def delete_tax_rate(rate: TaxRate) -> None:
    """Delete a rate that nobody pays; raises ``WrongState`` with the number of customers otherwise."""
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
    db.session.delete(rate)
    db.session.flush()


def _check(values: Mapping[str, Any], *, besides: int | None = None) -> None:
    if values["country"] not in country_codes():
        raise Invalid(_("Choose one of the list."), field="country")
    if not Decimal(0) <= values["percent"] <= Decimal(100):
        raise Invalid(_("Enter a percentage from 0 to 100."), field="percent")
    check_name_is_free(db.session, TaxRate.name, values["name"], besides=besides)
