"""Amounts: exact decimals, one place that rounds, one that shares.

Everything is computed in a decimal context of our own, whatever the thread's is: wide enough for every product that
occurs, and an inexact result is an error instead of a lost digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from functools import wraps
from typing import ParamSpec, TypeVar

from app.rating.problems import InvalidAmount, Problem, ProblemCode, problem

_P = ParamSpec("_P")
_R = TypeVar("_R")

ZERO = Decimal(0)
HUNDRED = Decimal(100)

#: What an amount that is handed in may have; far more than any column, and a product of four still fits the context.
LARGEST_DIGITS = 24
MOST_DECIMALS = 40
#: The decimals with which usage is stored.
_STORED_DECIMALS = 18
_AS_STORED = Decimal(1).scaleb(-_STORED_DECIMALS)

#: 12.3456 % is the finest percentage, and 1 + percent / 100 fits DECIMAL(9, 6), the factor's type in SQL.
PERCENT_DECIMALS = 4
LARGEST_PERCENT = Decimal("99899.9999")

EXACT = Context(
    prec=300,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)

# ISO 4217, list one: currencies whose smallest unit is not a hundredth.
_MINOR_UNITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def exactly(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a function compute in ``EXACT``, whatever the context of the thread is."""

    @wraps(function)
    def inside(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return inside


def decimal_problems(value: Decimal, field: str, *, decimals: int, digits: int) -> tuple[Problem, ...]:
    """Return what is wrong with a number: not finite, too many digits before the point, too many after it."""
    if not value.is_finite():
        return (problem(ProblemCode.NOT_FINITE, field),)
    if value and value.adjusted() >= digits:
        return (problem(ProblemCode.OUT_OF_RANGE, field, largest_digits=digits),)
    if decimals_of(value) > decimals:
        return (problem(ProblemCode.TOO_MANY_DECIMALS, field, decimals=decimals),)
    return ()


def check_decimal(
    value: object, field: str, *, decimals: int = MOST_DECIMALS, digits: int = LARGEST_DIGITS
) -> None:
    """Refuse what is no Decimal (``TypeError``), not finite, too large or too fine (``InvalidAmount``)."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{field} takes Decimal, not {type(value).__name__}")
    if value is ZERO:
        return
    if value.same_quantum(_AS_STORED) and value.adjusted() < digits and decimals >= _STORED_DECIMALS:
        return  # as nearly all come, a million of them in a month: in order, and told at once
    found = decimal_problems(value, field, decimals=decimals, digits=digits)
    if found:
        raise InvalidAmount(*found)


def check_optional_decimal(value: object, field: str) -> None:
    """Refuse what ``check_decimal`` refuses; None is fine."""
    if value is not None:
        check_decimal(value, field)


def decimals_of(value: Decimal) -> int:
    """Return how many decimals a finite number needs; zeros at the end are none."""
    _, digits, exponent = value.as_tuple()
    written = -int(exponent)
    if written <= 0 or not value:
        return 0
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, written - zeros)


def currency_problems(value: str, field: str = "currency") -> tuple[Problem, ...]:
    """Return what is wrong with a currency code: three capital letters, as ISO 4217 writes them."""
    return () if _CURRENCY.fullmatch(value) else (problem(ProblemCode.NO_CURRENCY, field),)


def check_currency(value: object, field: str = "currency") -> None:
    """Refuse what is no currency code in form."""
    if not isinstance(value, str):
        raise TypeError(f"{field} takes str, not {type(value).__name__}")
    found = currency_problems(value, field)
    if found:
        raise InvalidAmount(*found)


def minor_units(currency: str) -> int:
    """Return the decimals of a currency: 2, but 0 for JPY and 3 for KWD."""
    check_currency(currency)
    return _MINOR_UNITS.get(currency, 2)


@exactly
def round_money(amount: Decimal, currency: str, *, divided_by: int = 1) -> Decimal:
    """Return the amount in whole minor units of the currency, half up, negative ones alike (docs/pricing.md#rounding).

    ``divided_by`` divides before rounding, in one step: 100.00 for 10 of 31 days is ``round_money(1000, ..., 31)``.
    This is the only place that rounds; what has no finite decimals is never held anywhere else.
    """
    check_decimal(amount, "amount", decimals=EXACT.prec, digits=EXACT.prec)
    units = minor_units(currency)
    numerator, denominator = abs(amount).scaleb(units).as_integer_ratio()
    whole = (2 * numerator + denominator * divided_by) // (2 * denominator * divided_by)
    return Decimal(whole if amount > 0 else -whole).scaleb(-units)


@exactly
def share(total: Decimal, weights: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Return the parts of a printed amount, in the order of ``weights``; together they are the amount, always.

    Pro rata, in whole minor units; what is left goes to the largest remainders, one unit each, the earlier first.
    A weight below 0 counts as 0; where all are 0, all are alike. Refuses an amount that is not rounded.
    """
    if not weights:
        raise InvalidAmount(problem(ProblemCode.NOTHING_TO_SHARE_AMONG, "weights"))
    if round_money(total, currency) != total:
        raise InvalidAmount(problem(ProblemCode.NOT_ROUNDED, "total", currency=currency))
    for weight in weights:
        check_decimal(weight, "weights", decimals=EXACT.prec, digits=EXACT.prec)
    parts = [max(Fraction(weight), Fraction(0)) for weight in weights]
    if not any(parts):
        parts = [Fraction(1)] * len(parts)
    units = minor_units(currency)
    whole = sum(parts)
    quotas = [int(abs(total).scaleb(units)) * part / whole for part in parts]
    given = [quota.numerator // quota.denominator for quota in quotas]
    left = int(abs(total).scaleb(units)) - sum(given)
    by_remainder = sorted(range(len(parts)), key=lambda place: (given[place] - quotas[place], place))
    for place in by_remainder[:left]:
        given[place] += 1
    return tuple(Decimal(one if total > 0 else -one).scaleb(-units) for one in given)


def percent_problems(
    value: Decimal, field: str, *, is_signed: bool = False, most: Decimal = LARGEST_PERCENT
) -> tuple[Problem, ...]:
    """Return what is wrong with a percentage: 12.5 means 12.5 %, four decimals, not below 0 (signed: -100)."""
    if decimals_of(value) > PERCENT_DECIMALS:
        return (problem(ProblemCode.TOO_MANY_DECIMALS, field, decimals=PERCENT_DECIMALS),)
    if is_signed and value < -HUNDRED:
        return (problem(ProblemCode.BELOW_MINUS_100, field),)
    if value < 0 and not is_signed:
        return (problem(ProblemCode.NEGATIVE, field),)
    if value > most:
        return (
            problem(ProblemCode.ABOVE_100 if most == HUNDRED else ProblemCode.TOO_LARGE, field, largest=most),
        )
    return ()


@exactly
def percent_of(percent: Decimal, amount: Decimal) -> Decimal:
    """Return so many percent of an amount, exactly: 12.5 means 12.5 %."""
    return amount * percent.scaleb(-2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency; two currencies never meet in a sum or a comparison."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        check_decimal(self.amount, "amount")
        check_currency(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __neg__(self) -> Money:
        return Money(EXACT.minus(self.amount), self.currency)

    def __mul__(self, factor: Decimal) -> Money:
        check_decimal(factor, "factor")
        return Money(EXACT.multiply(self.amount, factor), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def rounded(self) -> Money:
        """Return the amount in whole minor units, half up."""
        return Money(round_money(self.amount, self.currency), self.currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise InvalidAmount(
                problem(
                    ProblemCode.CURRENCY_DIFFERS, "currency", expected=self.currency, given=other.currency
                )
            )
        return other.amount
