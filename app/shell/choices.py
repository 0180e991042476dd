"""Countries, currencies and time zones as a form offers them: pairs of value and label in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flask_babel import get_locale

from app.kernel.places import countries, currencies, timezones

Choices = Sequence[tuple[str, str]]


def _language() -> str:
    return str(get_locale() or "en")


@lru_cache(maxsize=8)
def _countries(language: str) -> Choices:
    return (("", ""), *countries(language))


def country_choices() -> Choices:
    """Return the countries, with an empty entry first: none is likelier than another."""
    return _countries(_language())


def currency_choices() -> Choices:
    """Return the currencies."""
    return currencies(_language())


def time_zone_choices() -> Choices:
    """Return the time zones."""
    return timezones(_language())
