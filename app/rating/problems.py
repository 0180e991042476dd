"""What is wrong with what was handed in: codes and parameters, no prose, so that a screen can translate them."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")

#: What a parameter of a problem or of a reason may be.
Value = Decimal | int | str | date | None
Parameters = tuple[tuple[str, Value], ...]


class ProblemCode(enum.StrEnum):
    """What can be wrong. The parameters of each are named beside it."""

    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"  # largest_digits
    TOO_MANY_DECIMALS = "too_many_decimals"  # decimals
    MISSING = "missing"
    NOT_WANTED = "not_wanted"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    BELOW_MINUS_100 = "below_minus_100"
    ABOVE_100 = "above_100"  # largest
    TOO_LARGE = "too_large"  # largest
    NO_CURRENCY = "no_currency"
    CURRENCY_DIFFERS = "currency_differs"  # expected, given
    NOT_FIRST_OF_MONTH = "not_first_of_month"
    END_BEFORE_START = "end_before_start"
    NO_START = "no_start"
    MINIMUM_ABOVE_MAXIMUM = "minimum_above_maximum"  # minimum, maximum
    NO_BANDS = "no_bands"
    BANDS_START_ABOVE_ZERO = "bands_start_above_zero"  # first
    BAND_EMPTY = "band_empty"
    BANDS_GAP = "bands_gap"  # from_amount, to_amount: what no band covers
    BANDS_OVERLAP = "bands_overlap"  # from_amount, to_amount: what two bands cover; to_amount None: all above
    BANDS_END = "bands_end"  # last: what is above it has no band
    BAND_WITHOUT_RATE = "band_without_rate"
    BAND_WITH_TWO_RATES = "band_with_two_rates"
    WILDCARD_INSIDE = "wildcard_inside"
    WILDCARD_ALONE = "wildcard_alone"
    WILDCARD_NOT_HERE = "wildcard_not_here"
    DUPLICATE_ID = "duplicate_id"  # id
    DUPLICATE_POSITION = "duplicate_position"  # position
    DUPLICATE_ACCOUNT = "duplicate_account"  # provider, account
    UNKNOWN_ACCOUNT = "unknown_account"  # provider, account
    RATE_MISSING = "rate_missing"  # from_currency, to_currency, month
    DUPLICATE_RATE = "duplicate_rate"  # from_currency, to_currency
    REVERSAL_TOO_LARGE = "reversal_too_large"  # remaining
    UNKNOWN_CREDIT = "unknown_credit"  # id
    NOT_ROUNDED = "not_rounded"  # currency
    NOTHING_TO_SHARE_AMONG = "nothing_to_share_among"
    NO_DAYS = "no_days"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: ``field`` is the attribute it belongs to (``bands.2.to_amount`` for the third band)."""

    code: ProblemCode
    field: str = ""
    parameters: Parameters = ()

    def parameter(self, name: str) -> Value:
        """Return one parameter by its name; ``KeyError`` where the problem has none of that name."""
        return dict(self.parameters)[name]


def problem(code: ProblemCode, field: str = "", **parameters: Value) -> Problem:
    """Return a problem; parameters are kept in the order of their names."""
    return Problem(code, field, tuple(sorted(parameters.items())))


def within(place: str, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of a part, as those of the whole: ``value`` of the fifth rule is ``rules.4.value``."""
    return [Problem(one.code, f"{place}.{one.field}", one.parameters) for one in problems]


def required(value: T | None, field: str) -> T:
    """Return a value that has to be there; refuses None."""
    if value is None:
        raise RatingError(problem(ProblemCode.MISSING, field))
    return value


class RatingError(ValueError):
    """Refusal of what cannot be rated; ``problems`` says all that is wrong, ``code`` and ``field`` the first of it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(
            ", ".join(f"{one.field}: {one.code}" if one.field else str(one.code) for one in problems)
        )
        self.problems = problems

    @property
    def code(self) -> ProblemCode:
        return self.problems[0].code

    @property
    def field(self) -> str:
        return self.problems[0].field

    @property
    def parameters(self) -> dict[str, Value]:
        return dict(self.problems[0].parameters)


class InvalidAmount(RatingError):
    """A number that is none: not finite, too large, too many decimals, or not of the currency."""


class InvalidMonth(RatingError):
    """A month that is not the first of one, or a span that ends before it starts."""


class InvalidBook(RatingError):
    """A pricebook or a rule that cannot be used."""


class InvalidPlan(RatingError):
    """A charge plan, or its assignment, that cannot be used."""


class InvalidAdjustment(RatingError):
    """A global discount or uplift that cannot be used."""


class InvalidCredit(RatingError):
    """A credit, or an entry about one, that cannot be used."""


class InvalidTax(RatingError):
    """A tax rate that cannot be used."""


class InvalidStatement(RatingError):
    """A statement whose parts do not fit together."""


class MissingRate(RatingError):
    """Exchange rates that the month lacks; every missing pair is a problem of its own."""
