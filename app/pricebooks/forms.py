"""The form of a pricebook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.shell.crud import RecordForm
from app.shell.fields import ChoiceField, PercentField, SwitchField, Text


def row_key(value: Any) -> int | None:
    """Return the key of a row that a list was sent with, None for anything that is no key."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


class PricebookForm(RecordForm):
    """A copy of a provider's master."""

    provider_id = ChoiceField(
        _l("Copy of"),
        required=True,
        choices=[],
        coerce=row_key,
        description=_l("Changes of the master's list prices flow into the copy."),
    )
    name = Text(
        _l("Name"),
        required=True,
        longest=100,
        sentence=_l("Enter a name that says what the book does, such as AWS Standard −6 %."),
        description=_l("Say in the name what the adjustment is, such as AWS Standard −6 %."),
    )
    adjustment_percent = PercentField(
        _l("Adjustment in percent"),
        required=True,
        lowest=Decimal(-100),
        highest=Decimal(1000),
        default=Decimal(0),
        description=_l("On every list price of the master: −10 is a discount of 10 %, 5 an uplift of 5 %."),
    )
    is_retired = SwitchField(
        _l("Retired"), description=_l("No longer offered for new assignments. Customers who have it keep it.")
    )
