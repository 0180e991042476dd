"""The form of a pricebook."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.kernel.numbers import small_number
from app.shell.crud import RecordForm
from app.shell.fields import ChoiceField, PercentField, SwitchField, Text


class PricebookForm(RecordForm):
    """A copy of a provider's master."""

    provider_id = ChoiceField(
        _l("Copy of"),
        required=True,
        choices=[],
        coerce=small_number,
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
