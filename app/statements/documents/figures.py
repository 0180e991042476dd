"""Numbers and days as a document prints them: in its language, with the currency's decimals, never rounded here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from app.rating.money import EXACT, decimals_of, minor_units

_MINUS = "−"
#: More would be noise beside a quantity; prices are printed with all they have.
_QUANTITY_DECIMALS = 6
_DAY_PATTERNS = {"en": "d MMM y", "de": "dd.MM.y"}


def locale_of(language: str) -> Locale:
    """Return the language's number and date formats, English for one that is not known."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def plain(value: Decimal | None, least: int = 0) -> Decimal | None:
    """Return the number without zeros at its end, but with at least so many decimals; a store hands out 18 of them."""
    if value is None:
        return None
    return value.quantize(Decimal(1).scaleb(-max(least, decimals_of(value))), context=EXACT)


def day_text(value: datetime.date, language: str) -> str:
    """Return ``22 Nov 2026`` for whoever writes a day into a paper: as the documents print their own."""
    return _day(value, locale_of(language))


def _day(value: datetime.date, locale: Locale) -> str:
    return format_date(value, _DAY_PATTERNS.get(locale.language) or "medium", locale=locale)


@dataclass(frozen=True, slots=True)
class Figures:
    """The formats of one document."""

    locale: Locale
    currency: str

    def amount(self, value: Decimal) -> str:
        """Return ``1,204.50``: the currency's decimals, or more where the value has them."""
        return self._exactly(value, minor_units(self.currency))

    def money(self, value: Decimal) -> str:
        """Return ``EUR 1,204.50``."""
        return f"{self.currency}\u00a0{self.amount(value)}"

    def price(self, value: Decimal) -> str:
        """Return ``0.0035``: a unit price with all its decimals, at least those of the currency."""
        return self._exactly(value, minor_units(self.currency))

    def quantity(self, value: Decimal) -> str:
        """Return ``1,204.5``: as many decimals as it has, six at most."""
        pattern = f"#,##0.{'#' * _QUANTITY_DECIMALS}"
        text = self._format(value, pattern, is_exact=False)
        return text if value == 0 or text.strip("−0.,") else self._exactly(value, 0)

    def rate(self, value: Decimal) -> str:
        """Return ``0.9213``: an exchange rate with all its decimals, at least four."""
        return self._exactly(value, 4)

    def percent(self, value: Decimal) -> str:
        """Return ``6.7 %``."""
        return f"{self._exactly(value, 0)}\u00a0%"

    def day(self, value: datetime.date) -> str:
        """Return ``22 Nov 2026``."""
        return _day(value, self.locale).replace(" ", "\u00a0")

    def period(self, first: datetime.date, last: datetime.date) -> str:
        """Return ``1 Nov 2026 – 30 Nov 2026``."""
        return f"{self.day(first)} – {self.day(last)}"

    def _exactly(self, value: Decimal, least: int) -> str:
        decimals = max(least, decimals_of(value))
        return self._format(value, f"#,##0.{'0' * decimals}" if decimals else "#,##0", is_exact=True)

    def _format(self, value: Decimal, pattern: str, *, is_exact: bool) -> str:
        text = format_decimal(
            value, format=pattern, locale=self.locale, decimal_quantization=not is_exact, group_separator=True
        )
        return text.replace("-", _MINUS)
