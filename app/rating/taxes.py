"""Taxes: every rate on the same base, none on another one, each rounded once (docs/pricing.md#tax)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.rating.money import HUNDRED, check_decimal, percent_of, percent_problems, round_money
from app.rating.problems import InvalidTax


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A named rate: ``percent`` of 20 means 20 %."""

    id: int
    name: str
    percent: Decimal

    def __post_init__(self) -> None:
        check_decimal(self.percent, "percent")
        found = percent_problems(self.percent, "percent", most=HUNDRED)
        if found:
            raise InvalidTax(*found)


@dataclass(frozen=True, slots=True)
class Tax:
    """What one rate makes of the taxable sum."""

    rate: TaxRate
    base: Decimal
    amount: Decimal


def tax_on(base: Decimal, rates: Iterable[TaxRate], currency: str, *, is_taxable: bool) -> tuple[Tax, ...]:
    """Return the tax per rate, by name; nothing for who is not taxable, whatever is assigned.

    A rate of 0 % has its line. A base below 0 has negative tax, of the same size as that of the same base above 0.
    """
    if not is_taxable:
        return ()
    return tuple(
        Tax(one, base, round_money(percent_of(one.percent, base), currency))
        for one in sorted(set(rates), key=lambda one: (one.name, one.id))
    )
