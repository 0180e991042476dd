"""Lists of countries, currencies and zones."""

from zoneinfo import ZoneInfo

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
