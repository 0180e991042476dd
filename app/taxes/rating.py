"""What the rules of money get to know: the taxes that customers pay in a month (docs/taxes.md)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.months.terms import terms_of
from app.rating import taxes as rules
from app.taxes.models import TaxProfile, TaxRate


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """What a customer pays in a month: ``is_taxable`` and ``tax_rates`` of a statement's input."""

    is_taxable: bool = False
    rates: tuple[rules.TaxRate, ...] = ()


def rates_in(rates: Sequence[TaxRate], month: datetime.date) -> dict[int, rules.TaxRate]:
    """Return the rates as they count in a month, by id, with one statement at most; those not in force are left out."""
    found = terms_of(rates, month)
    return {
        one.id: rules.TaxRate(one.id, one.name, terms["percent"])
        for one in rates
        if (terms := found[one.id]) is not None
    }


def tax_terms_of(customer_ids: Collection[int], month: datetime.date) -> dict[int, TaxTerms]:
    """Return what customers pay in a month, by id, with four statements at most. Without a profile: no tax."""
    profiles = db.session.scalars(
        select(TaxProfile).where(TaxProfile.customer_id.in_(set(customer_ids)))
    ).all()
    terms = terms_of(profiles, month)
    by_customer = {one.customer_id: terms[one.id] or {} for one in profiles}
    wanted = {rate_id for one in by_customer.values() for rate_id in one.get("tax_rate_ids", ())}
    rows = db.session.scalars(select(TaxRate).where(TaxRate.id.in_(wanted))).all() if wanted else []
    rates = rates_in(rows, month)
    return {
        customer_id: TaxTerms(
            bool(one.get("is_taxable")),
            tuple(rates[rate_id] for rate_id in one.get("tax_rate_ids", ()) if rate_id in rates),
        )
        for customer_id in customer_ids
        for one in [by_customer.get(customer_id, {})]
    }
