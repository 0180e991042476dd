"""What a custom field may hold and how it is stored: one rule for the screen, the import and the export.

Values are stored as text: numbers exact with a point, dates in ISO form, choices by their own words, "yes" or "no".
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l

from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.kernel.folding import fold
from app.kernel.plain_text import has_control_characters

LONGEST_TEXT = 500
NUMBER_DIGITS = 14
NUMBER_DECIMALS = 6

_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES = frozenset({"yes", "y", "ja", "j", "true", "wahr", "1"})
_NO = frozenset({"no", "n", "nein", "false", "falsch", "0"})

#: What each code of a ``BadValue`` says; filled in with its parameters.
SENTENCES: dict[str, object] = {
    "too_long": _l("Use at most %(longest)s characters; these are %(length)s."),
    "control": _l("Remove line breaks and control characters: they cannot be stored or printed."),
    "number": _l(
        "Enter a number such as 12.5, without thousands separators and with at most %(decimals)s decimals."
    ),
    "date": _l("Enter a date in the form 2026-11-22."),
    "choice": _l("Enter one of: %(choices)s."),
    "yes_no": _l("Enter yes or no."),
}


class BadValue(ValueError):
    """A text that a field cannot take: a code of a sentence, and what to fill into it."""

    def __init__(self, code: str, **parameters: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


def clean_text(text: str, longest: int) -> str:
    """Return ``text`` trimmed and in NFC, as forms store it; raises ``BadValue``."""
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > longest:
        raise BadValue("too_long", longest=longest, length=len(text))
    if has_control_characters(text):
        raise BadValue("control")
    return text


@lru_cache(maxsize=16)
def _number_pattern(digits: int, decimals: int) -> re.Pattern[str]:
    return re.compile(rf"[+\-−]?[0-9]{{1,{digits}}}(?:[.,][0-9]{{1,{decimals}}})?")


def exact_number(text: str, *, digits: int, decimals: int) -> Decimal:
    """Return the number that ``text`` writes with a point or a comma, exact; raises ``BadValue``."""
    if not _number_pattern(digits, decimals).fullmatch(text):
        raise BadValue("number", decimals=decimals)
    return Decimal(text.replace(",", ".").replace("−", "-"))


def _number(text: str) -> str:
    return format(exact_number(text, digits=NUMBER_DIGITS, decimals=NUMBER_DECIMALS), "f")


def _date(text: str) -> str:
    german = _GERMAN_DATE.fullmatch(text)
    try:
        if german:
            day, month, year = map(int, german.groups())
            return datetime.date(year, month, day).isoformat()
        if _ISO_DATE.fullmatch(text):
            return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise BadValue("date")


def _yes_no(text: str) -> str:
    word = fold(text)
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    raise BadValue("yes_no")


def _choice(choices: list[str]) -> Callable[[str], str]:
    exact = set(choices)
    by_key = {fold(choice): choice for choice in reversed(choices)}
    listed = ", ".join(choices)[:300]

    def read(text: str) -> str:
        found = text if text in exact else by_key.get(fold(text))
        if found is None:
            raise BadValue("choice", choices=listed)
        return found

    return read


def reader_of(definition: CustomFieldDefinition) -> Callable[[str], str]:
    """Return the function that turns a filled-in cell into the stored text of this field, or raises ``BadValue``.

    The function keeps nothing of ``definition``'s session.
    """
    match definition.type:
        case FieldType.NUMBER:
            return _number
        case FieldType.DATE:
            return _date
        case FieldType.YES_NO:
            return _yes_no
        case FieldType.CHOICE:
            return _choice(list(definition.choices))
        case _:
            return lambda text: text


def typed_value(kind: FieldType, stored: Any) -> Decimal | datetime.date | str | None:
    """Return a stored value as what it means; raises ``ValueError`` for one that no longer fits the field's type."""
    if stored is None or stored == "":
        return None
    try:
        if kind is FieldType.NUMBER:
            number = Decimal(str(stored))
            if not number.is_finite():
                raise ValueError(stored)
            return number
        if kind is FieldType.DATE:
            return datetime.date.fromisoformat(str(stored))
    except ArithmeticError as problem:
        raise ValueError(stored) from problem
    return str(stored)
