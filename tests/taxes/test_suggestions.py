"""Which rates are suggested to a customer by where it is, and how they are ordered."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.taxes.models import TaxRate
from app.taxes.suggestions import Place, by_fit, suggested

pytestmark = pytest.mark.once


def rate(
    number: int, name: str, percent: str, country: str, region: str = "", postal_code: str = ""
) -> TaxRate:
    return TaxRate(
        id=number,
        name=name,
        percent=Decimal(percent),
        country=country,
        region=region,
        postal_code=postal_code,
        is_retired=name == "old",
    )


RATES = [
    rate(1, "standard", "19", "DE"),
    rate(2, "reduced", "7", "DE"),
    rate(3, "old", "25", "DE"),
    rate(4, "federal", "5", "CA"),
    rate(5, "provincial", "7", "CA", "British Columbia"),
    rate(6, "other province", "6", "CA", "Québec"),
    rate(7, "district", "1", "CA", "Quebec", "G1A 0A2"),
    rate(8, "austria", "20", "AT"),
]


@pytest.mark.parametrize(
    ("place", "names"),
    [
        (Place("DE", "Hamburg", "20457"), ["standard"]),
        (Place("CA"), ["federal"]),
        (Place("CA", "british columbia"), ["provincial", "federal"]),
        (Place("CA", "QUEBEC", "g1a-0a2"), ["district", "other province", "federal"]),
        (Place("FR"), []),
    ],
)
def test_what_names_the_place_and_one_rate_of_the_country(place: Place, names: list[str]) -> None:
    assert [one.name for one in suggested(RATES, place)] == names


def test_what_fits_comes_first_then_the_country_then_the_others() -> None:
    found = [one.name for one in by_fit(RATES, Place("CA", "Quebec"))]

    assert found[:4] == ["other province", "federal", "provincial", "district"] or found[:2] == [
        "other province",
        "federal",
    ]
    assert found[4:] == ["austria", "old", "reduced", "standard"]
