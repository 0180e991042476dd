"""Named reads of tax rates and of who pays them."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.extensions import db
from app.kernel.folding import fold
from app.kernel.references import count_owners
from app.months.models import EarlierTerms
from app.months.terms import terms_of
from app.taxes.models import TaxProfile, TaxRate


@dataclass(frozen=True, slots=True)
class RateFilter:
    """What the list of rates was asked for."""

    text: str = ""
    country: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.country)


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate, the percentage that counts in a month (None: not yet), and how many customers pay it."""

    rate: TaxRate
    percent: Decimal | None
    customers: int

    @property
    def is_changing(self) -> bool:
        """Does the rate say something else from a later month on?"""
        return self.percent != self.rate.percent


def rate_rows(wanted: RateFilter, month: datetime.date) -> list[RateRow]:
    """Return the rates that the filter finds, by country, retired ones last, as they count in ``month``."""
    query = select(TaxRate)
    if wanted.country:
        query = query.where(TaxRate.country == wanted.country)
    text = fold(wanted.text)
    rates = [
        one for one in db.session.scalars(query) if text in fold(f"{one.name} {one.region} {one.postal_code}")
    ]
    rates.sort(
        key=lambda one: (one.is_retired, one.country, fold(one.region), one.postal_code, fold(one.name))
    )
    payers = count_owners(db.session, TaxRate, [one.id for one in rates])
    found = terms_of(rates, month)
    return [
        RateRow(one, terms["percent"] if (terms := found[one.id]) else None, payers.get(one.id, 0))
        for one in rates
    ]


def countries_with_rates() -> Sequence[str]:
    """Return the countries that the reseller has rates of."""
    return db.session.scalars(select(TaxRate.country).distinct().order_by(TaxRate.country)).all()


def earlier_payers(rate_ids: Collection[int]) -> dict[int, int]:
    """Return how many customers had a rate in months before those that count now; rates nobody had are left out."""
    query = select(EarlierTerms.record_id, EarlierTerms.terms).where(
        EarlierTerms.record_type == TaxProfile.__tablename__
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for profile_id, terms in db.session.execute(query):
        for rate_id in set(terms["tax_rate_ids"]).intersection(rate_ids):
            found[rate_id].add(profile_id)
    return {rate_id: len(profiles) for rate_id, profiles in found.items()}
