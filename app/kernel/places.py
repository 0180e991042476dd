"""Countries, currencies, time zones and languages as people choose them: ISO codes with names in their language."""

from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_timezone_name
from babel.numbers import get_territory_currencies

from app.kernel.clock import utc_now
from app.kernel.folding import fold
from app.rating.money import minor_units

# Two letters in CLDR, yet no country of ISO 3166: groups of countries, parts of others, test codes. XK (Kosovo) is no
# ISO country either, but its user-assigned code is the one that companies there write.
_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
_ZONE_AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


class Choice(NamedTuple):
    """One entry of a list: the code that is stored and the name that is shown."""

    code: str
    name: str


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _by_name(choices: list[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: (fold(choice.name), choice.code)))


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """The ISO 3166 two-letter codes."""
    territories = [str(code) for code in Locale("en").territories]
    return frozenset(code for code in territories if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


@lru_cache(maxsize=8)
def countries(language: str) -> tuple[Choice, ...]:
    """Every country, sorted by its name in `language`."""
    names = _locale(language).territories
    return _by_name([Choice(code, names.get(code, code)) for code in country_codes()])


def country_name(code: str, language: str) -> str:
    """The country's name in `language`; an unknown code answers itself."""
    return str(_locale(language).territories.get(code, code))


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """The ISO 4217 codes that are legal tender somewhere today."""
    today = utc_now().date()
    codes: set[str] = set()
    for territory in country_codes():
        codes.update(get_territory_currencies(territory, today, today))
    return frozenset(codes)


@lru_cache(maxsize=8)
def currencies(language: str) -> tuple[Choice, ...]:
    """Every currency as "EUR - Euro", sorted by code."""
    names = _locale(language).currencies
    return tuple(Choice(code, f"{code} - {names.get(code, code)}") for code in sorted(currency_codes()))


def currency_digits(code: str) -> int:
    """How many decimals amounts in this currency are shown and paid with: those that money is rounded to."""
    return minor_units(code)


@lru_cache(maxsize=1)
def timezone_names() -> tuple[str, ...]:
    """Time zones by place ("Europe/Berlin") and UTC; old names of the same place are left out."""
    aliases = get_global("zone_aliases")
    return (
        "UTC",
        *sorted(
            name for name in available_timezones() if name.startswith(_ZONE_AREAS) and name not in aliases
        ),
    )


@lru_cache(maxsize=8)
def timezones(language: str) -> tuple[Choice, ...]:
    """Every time zone as "Europe/Berlin - Central European Time", UTC first."""
    locale = _locale(language)
    choices = [Choice("UTC", "UTC")]
    for name in timezone_names()[1:]:
        meaning = get_timezone_name(ZoneInfo(name), width="long", locale=locale)
        choices.append(Choice(name, f"{name} - {meaning}"))
    return tuple(choices)
