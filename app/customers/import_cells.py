"""The columns of a customer file and what a cell of each may hold. The rules are those of Customer Information."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from flask_babel import lazy_gettext as _l

from app.custom_fields.models import CustomFieldDefinition
from app.custom_fields.values import LONGEST_TEXT, SENTENCES, BadValue, clean_text, exact_number, reader_of
from app.customers.models import Customer
from app.customers.services import INFORMATION_FIELDS
from app.kernel.folding import fold
from app.kernel.places import countries, country_codes
from app.shell.fields import normal_email

#: Columns that every file must have, and that no row may leave empty.
REQUIRED = ("organization", "contact_name", "email", "country")

#: Columns that only exports write; custom fields of these names are called cf_<name> in files.
EXPORT_ONLY = ("number", "spend_threshold_currency", "status", "added_on", "providers", "pricebooks")

LANGUAGES = {"en": "en", "english": "en", "englisch": "en", "de": "de", "german": "de", "deutsch": "de"}
_COUNTRY_WORDS = {
    "usa": "US",
    "uk": "GB",
    "great britain": "GB",
    "grossbritannien": "GB",
    "czech republic": "CZ",
}

_SENTENCES: dict[str, object] = SENTENCES | {
    "required": _l("Enter a value: no customer can be added without it."),
    "required_custom": _l(
        "Enter a value: this custom field is required. Leave the whole column out to fill it in later."
    ),
    "email": _l("Enter an email address in the form name@example.com."),
    "country": _l("Enter a country: its two-letter code such as DE, or its English or German name."),
    "language": _l("Enter en or de."),
    "amount": _l("Enter an amount of at least 0 such as 1500 or 1500.50, without thousands separators."),
    "no_name": _l("Enter the organization's name in letters or digits."),
    "long_name": _l("Use a shorter name."),
    "doubled": _l("Line %(other)s has the same organization. Keep one of the two lines."),
    "taken": _l(
        "%(number)s %(name)s is a customer already. Remove this line and change that customer on its own page."
    ),
}


def sentence(code: str, parameters: dict[str, Any]) -> str:
    """Return what is wrong with a cell and what to do, in the reader's language."""
    return str(_SENTENCES[code]) % parameters


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have. ``read`` turns a filled-in cell into its value or raises ``BadValue``."""

    title: str
    read: Callable[[str], Any]
    longest: int
    missing: str = ""  # code of the sentence for an empty cell; "" where it may be empty
    custom_name: str = ""  # the custom field's name, "" for the standard fields

    @property
    def is_required(self) -> bool:
        """Must every file have it?"""
        return self.missing == "required"


@lru_cache(maxsize=1)
def _countries_by_name() -> dict[str, str]:
    found = {fold(code): code for code in country_codes()}
    for language in ("de", "en"):
        found |= {fold(one.name): one.code for one in countries(language)}
    return _COUNTRY_WORDS | found


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """Return the ISO code of a country written as a code or by its English or German name; raises ``BadValue``."""
    found = _countries_by_name().get(fold(text))
    if found is None:
        raise BadValue("country")
    return found


def _language(text: str) -> str:
    found = LANGUAGES.get(fold(text))
    if found is None:
        raise BadValue("language")
    return found


def _email(text: str) -> str:
    try:
        return normal_email(text)
    except ValueError:
        raise BadValue("email") from None


def _amount(text: str) -> Decimal:
    try:
        amount = exact_number(text, digits=12, decimals=2)
    except BadValue:
        raise BadValue("amount") from None
    if amount < 0:
        raise BadValue("amount")
    return amount


def _same(text: str) -> str:
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "email": _email,
    "country": country_code,
    "language": _language,
    "spend_threshold_amount": _amount,
}
#: Longest cell of the columns that are not stored as they are written.
_LONGEST_WRITTEN = {"country": 100, "language": 20, "spend_threshold_amount": 40}


def normal_title(title: str) -> str:
    """Return a column title as files are compared by it: ``External ID`` and ``external_id`` are the same."""
    return "_".join(fold(title).replace("-", " ").replace("_", " ").split())


def standard_columns() -> list[Column]:
    """Return the columns of Customer Information."""
    table = Customer.__table__
    return [
        Column(
            title=name,
            read=_READERS.get(name, _same),
            longest=_LONGEST_WRITTEN.get(name) or table.c[name].type.length,
            missing="required" if name in REQUIRED else "",
        )
        for name in INFORMATION_FIELDS
    ]


def custom_titles(definitions: Sequence[CustomFieldDefinition]) -> dict[str, str]:
    """Return the column title of each custom field by its name: the name itself, unless another column has it."""
    titles: dict[str, str] = {}
    used = {normal_title(name) for name in (*INFORMATION_FIELDS, *EXPORT_ONLY)}
    for one in definitions:
        title = one.name if normal_title(one.name) not in used else f"cf_{one.name}"
        titles[one.name] = title
        used.add(normal_title(title))
    return titles


def columns_of(definitions: Sequence[CustomFieldDefinition]) -> list[Column]:
    """Return every column that a file of this reseller may have. Nothing of it is bound to a session."""
    titles = custom_titles(definitions)
    custom = [
        Column(
            title=titles[one.name],
            read=reader_of(one),
            longest=LONGEST_TEXT,
            missing="required_custom" if one.is_required else "",
            custom_name=one.name,
        )
        for one in definitions
    ]
    return standard_columns() + custom


def cell_reader(column: Column) -> Callable[[str], Any]:
    """Return the function from a cell as it stands in the file to its value; None for an empty cell."""
    return partial(_value, column)


def _value(column: Column, cell: str) -> Any:
    text = clean_text(cell, column.longest)
    if not text:
        if column.missing:
            raise BadValue(column.missing)
        return None
    return column.read(text)
