"""The form of a tax rate."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.months.fields import CountsFromField
from app.shell.choices import country_choices
from app.shell.crud import RecordForm
from app.shell.fields import ChoiceField, PercentField, SwitchField, Text


class TaxRateForm(RecordForm):
    """Name, place and percentage of a rate."""

    name = Text(
        _l("Name"),
        required=True,
        longest=100,
        sentence=_l("Enter a name, such as VAT 19 %."),
        description=_l("Printed on reports and statements."),
    )
    percent = PercentField(
        _l("Rate in percent"),
        required=True,
        lowest=Decimal(0),
        highest=Decimal(100),
        description=_l("19 means 19 %. Up to four decimals."),
    )
    counts_from = CountsFromField()
    country = ChoiceField(
        _l("Country"), required=True, choices=country_choices, sentence=_l("Choose a country.")
    )
    region = Text(
        _l("Region"), longest=100, description=_l("A state or province that has a rate of its own.")
    )
    postal_code = Text(
        _l("Postal code"), longest=20, description=_l("For a rate that holds in one place only.")
    )
    is_retired = SwitchField(
        _l("Retired"),
        description=_l("No longer offered for new assignments. Customers who have it keep it."),
    )
