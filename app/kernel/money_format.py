"""Amounts as people read them. Rounding for display only: what is stored and billed is rounded elsewhere."""

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

from babel.numbers import format_currency, format_decimal, get_minus_sign_symbol

from app.kernel.places import currency_digits

# Babel writes a currency without a sign of its own close to the number: "CHF5".
_CODE_BESIDE_DIGIT = re.compile(r"(?<=[A-Z])(?=\d)")
_TRUE_MINUS = "\N{MINUS SIGN}"


def _exact(amount: object) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"An amount is a Decimal, not {type(amount).__name__}")
    return Decimal(amount)


def _rounded(amount: Decimal, digits: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        rounded = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def _with_true_minus(text: str, locale: str) -> str:
    return text.replace(get_minus_sign_symbol(locale), _TRUE_MINUS)


def format_money(amount: Decimal | int, currency: str, locale: str = "en") -> str:
    """The amount with its currency's sign and decimals: "€1,234.50", "1.234,50 €", "¥1,235"."""
    rounded = _rounded(_exact(amount), currency_digits(currency))
    text = _CODE_BESIDE_DIGIT.sub("\N{NO-BREAK SPACE}", format_currency(rounded, currency, locale=locale))
    return _with_true_minus(text, locale)


def format_amount(amount: Decimal | int, currency: str, locale: str = "en") -> str:
    """The amount alone, for columns whose head names the currency: "1,234.50"."""
    digits = currency_digits(currency)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    rounded = _rounded(_exact(amount), digits)
    return _with_true_minus(format_decimal(rounded, format=pattern, locale=locale), locale)


def format_percent(percent: Decimal | int, locale: str = "en") -> str:
    """A percentage as it is kept (12.5 means 12.5 %), without needless zeros."""
    number = _exact(percent).normalize()
    text = format_decimal(number, format="#,##0.##########", locale=locale)
    return _with_true_minus(text, locale) + "\N{NO-BREAK SPACE}%"
