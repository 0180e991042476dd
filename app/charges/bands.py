"""The bands of a tiered plan as they are kept: ``0 – 10000: 10 %``, ``> 250000: 3 %``, ``0 – 1000: 50``."""

from __future__ import annotations

import re
from decimal import Decimal

from app.rating.plans import Band

_BAND = re.compile(
    r"(?:(?P<low>\d+(?:\.\d+)?) – (?P<high>\d+(?:\.\d+)?)|> (?P<above>\d+(?:\.\d+)?)): "
    r"(?P<rate>\d+(?:\.\d+)?)(?P<is_percent> %)?"
)


def band_text(band: Band) -> str:
    """Return a band without a problem as it is kept: exact, and readable in the change log in every language."""
    low, rate = _plain(band.from_amount), band.amount if band.percent is None else band.percent
    if rate is None:
        raise ValueError("a band has a percentage or an amount")
    place = f"> {low}" if band.to_amount is None else f"{low} – {_plain(band.to_amount)}"
    return f"{place}: {_plain(rate)}{'' if band.percent is None else ' %'}"


def read_band(text: str) -> Band:
    """Return the band that was kept as ``text``."""
    found = _BAND.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no band")
    high, rate = found["high"], Decimal(found["rate"])
    return Band(
        Decimal(found["low"] or found["above"]),
        None if high is None else Decimal(high),
        percent=rate if found["is_percent"] else None,
        amount=None if found["is_percent"] else rate,
    )


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
