"""Exchange rates of a month: applied before rounding, kept on the statement, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.rating.money import EXACT, Money, check_currency, check_decimal
from app.rating.problems import InvalidAmount, MissingRate, ProblemCode, problem

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """So many units of ``to_currency`` for one of ``from_currency``. The way back is a rate of its own."""

    from_currency: str
    to_currency: str
    rate: Decimal

    def __post_init__(self) -> None:
        check_currency(self.from_currency, "from_currency")
        check_currency(self.to_currency, "to_currency")
        check_decimal(self.rate, "rate", decimals=18, digits=18)
        if self.rate <= 0:
            raise InvalidAmount(problem(ProblemCode.NOT_POSITIVE, "rate"))

    def convert(self, money: Money) -> Money:
        """Return an amount in the other currency, exactly; refuses one that is not in ``from_currency``."""
        if money.currency != self.from_currency:
            raise InvalidAmount(
                problem(
                    ProblemCode.CURRENCY_DIFFERS,
                    "currency",
                    expected=self.from_currency,
                    given=money.currency,
                )
            )
        return Money(EXACT.multiply(money.amount, self.rate), self.to_currency)


@dataclass(slots=True)
class Converter:
    """The rates into one currency; remembers which were asked for, and which were not there."""

    currency: str
    rates: Iterable[ExchangeRate] = ()
    used: dict[str, ExchangeRate] = field(init=False, default_factory=dict)
    missing: set[str] = field(init=False, default_factory=set)
    _known: dict[str, ExchangeRate] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = {one.from_currency: one for one in self.rates if one.to_currency == self.currency}

    def factor(self, from_currency: str) -> Decimal:
        """Return the rate from a currency; 1, and a note, where it is missing, so that all are found at once."""
        if from_currency == self.currency:
            return ONE
        rate = self._known.get(from_currency)
        if rate is None:
            self.missing.add(from_currency)
            return ONE
        self.used[from_currency] = rate
        return rate.rate

    def check(self, month: date) -> None:
        """Refuse to go on where any rate was missing; names each pair."""
        if self.missing:
            raise MissingRate(
                *(
                    problem(
                        ProblemCode.RATE_MISSING,
                        "exchange_rates",
                        from_currency=one,
                        to_currency=self.currency,
                        month=month,
                    )
                    for one in sorted(self.missing)
                )
            )
