"""The global discount or uplift: one percentage on everything so far, charges and support included."""

from __future__ import annotations

from decimal import Decimal

from app.rating.money import check_decimal, percent_of, percent_problems, round_money
from app.rating.problems import InvalidAdjustment


def check_adjustment(percent: Decimal) -> None:
    """Refuse a percentage below -100, or one that is too fine or too large (``InvalidAdjustment``)."""
    check_decimal(percent, "percent")
    found = percent_problems(percent, "percent", is_signed=True)
    if found:
        raise InvalidAdjustment(*found)


def adjustment_on(total: Decimal, percent: Decimal, currency: str) -> Decimal:
    """Return what a percentage adds to a printed sum, below 0 what it takes off; rounded once."""
    check_adjustment(percent)
    return round_money(percent_of(percent, total), currency)
