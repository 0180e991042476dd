"""Which rates fit an address. They are suggested and never assigned by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.kernel.folding import fold
from app.taxes.models import TaxRate


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer is; region and postal code may be empty."""

    country: str
    region: str = ""
    postal_code: str = ""


#: From the closest on.
_FITS = (2, 1, 0)


def closeness(rate: TaxRate, place: Place) -> int | None:
    """Return how closely a rate fits: 0 the country, 1 the region, 2 the postal code; None where it does not hold."""
    if rate.country != place.country:
        return None
    if rate.region and fold(rate.region) != fold(place.region):
        return None
    if rate.postal_code and _plain(rate.postal_code) != _plain(place.postal_code):
        return None
    return 2 if rate.postal_code else 1 if rate.region else 0


def by_fit(rates: Iterable[TaxRate], place: Place) -> list[TaxRate]:
    """Return the rates with those that fit best first, then those of the country, then the others."""

    def key(rate: TaxRate) -> tuple[int, bool, str, str, int]:
        fit = closeness(rate, place)
        rank = len(_FITS) if fit is None else _FITS.index(fit)
        return rank, rate.country != place.country, rate.country, fold(rate.name), rate.id

    return sorted(rates, key=key)


def suggested(rates: Sequence[TaxRate], place: Place) -> list[TaxRate]:
    """Return the rates to suggest: all that name the place's region or postal code, and one of the whole country.

    Of several rates of the whole country the highest is suggested: the others are reduced ones, which are for goods
    that no cloud provider sells. Retired rates are not suggested.
    """
    fitting = [
        (fit, one)
        for one in by_fit(rates, place)
        if not one.is_retired and (fit := closeness(one, place)) is not None
    ]
    national = max((one for fit, one in fitting if not fit), key=lambda one: one.percent, default=None)
    return [one for fit, one in fitting if fit or one is national]


def _plain(postal_code: str) -> str:
    return fold(postal_code).replace(" ", "").replace("-", "")
