"""Lists of countries, currencies and zones, and amounts as people read them."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.kernel.money_format import format_amount, format_money, format_percent
from app.kernel.places import (
    countries,
    country_codes,
    country_name,
    currencies,
    currency_codes,
    currency_digits,
    timezone_names,
    timezones,
)


def test_countries_are_those_of_iso() -> None:
    assert len(country_codes()) == 250
    assert {"DE", "US", "AQ", "XK"} <= country_codes()
    assert not {"EU", "UN", "ZZ", "AC"} & country_codes()


def test_countries_are_named_and_sorted_in_the_language() -> None:
    names = [country.name for country in countries("de")]

    assert names[:3] == ["Afghanistan", "Ägypten", "Ålandinseln"]
    assert country_name("DE", "en") == "Germany"
    assert country_name("DE", "de-DE") == "Deutschland"
    assert country_name("??", "en") == "??"
    assert country_name("DE", "no such language") == "Germany"


def test_currencies_are_those_in_use() -> None:
    assert {"EUR", "USD", "JPY", "KWD", "CHF"} <= currency_codes()
    assert not {"DEM", "XXX", "XTS"} & currency_codes()
    assert "EUR - Euro" in [currency.name for currency in currencies("en")]
    assert (currency_digits("JPY"), currency_digits("EUR"), currency_digits("KWD")) == (0, 2, 3)


def test_time_zones_are_places_and_exist() -> None:
    names = timezone_names()

    assert names[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Kolkata", "America/New_York"} <= set(names)
    assert not [name for name in names if name.startswith(("Etc/", "US/", "posix"))]
    assert all(ZoneInfo(name) for name in names)
    assert {zone.code: zone.name for zone in timezones("en")}["Europe/Berlin"] == (
        "Europe/Berlin - Central European Time"
    )


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("1234.5", "EUR", "en", "€1,234.50"),
        ("1234.5", "EUR", "de", "1.234,50\u00a0€"),
        ("-1234.125", "EUR", "en", "−€1,234.13"),
        ("0.125", "USD", "en", "$0.13"),
        ("1234.5", "JPY", "en", "¥1,235"),
        ("-0.0005", "KWD", "en", "−KWD\u00a00.001"),
        ("-0.001", "CHF", "en", "CHF\u00a00.00"),
        ("12345678901234567890.125", "USD", "en", "$12,345,678,901,234,567,890.13"),
    ],
)
def test_money(amount: str, currency: str, locale: str, text: str) -> None:
    assert format_money(Decimal(amount), currency, locale) == text


def test_amount_without_currency() -> None:
    assert format_amount(Decimal("-1234567.005"), "EUR", "de") == "−1.234.567,01"
    assert format_amount(1234, "JPY") == "1,234"


@pytest.mark.parametrize(
    ("percent", "text"), [("12.50", "12.5\u00a0%"), ("100", "100\u00a0%"), ("-3", "−3\u00a0%")]
)
def test_percent(percent: str, text: str) -> None:
    assert format_percent(Decimal(percent)) == text


@pytest.mark.parametrize("wrong", [0.5, "1", True])
def test_inexact_amounts_are_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        format_money(wrong, "EUR")  # type: ignore[arg-type]
