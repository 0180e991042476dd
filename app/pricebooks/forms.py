"""Forms of pricebooks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.kernel.numbers import small_number
from app.months.fields import CountsFromField
from app.rating.pricebook import MatchMode
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, ChoiceField, PercentField, SwitchField, Text, VersionedForm

MATCH_MODES = [
    (MatchMode.MOST_SPECIFIC.value, _l("The most specific")),
    (MatchMode.FIRST_BY_POSITION.value, _l("The first by position")),
]


def _adjustment() -> Any:
    return PercentField(
        _l("Adjustment in percent"),
        required=True,
        lowest=Decimal(-100),
        highest=Decimal(1000),
        default=Decimal(0),
        description=_l("On every list price of the master: −10 is a discount of 10 %, 5 an uplift of 5 %."),
    )


def _name() -> Any:
    return Text(
        _l("Name"),
        required=True,
        longest=100,
        sentence=_l("Enter a name that says what the book does, such as AWS Standard −6 %."),
        description=_l("Say in the name what the adjustment is, such as AWS Standard −6 %."),
    )


class PricebookForm(RecordForm):
    """A copy of a provider's master."""

    watched = (
        "name",
        "currency",
        "match_mode",
        "adjustment_percent",
        "counts_from",
        "is_retired",
    )

    provider_id = ChoiceField(
        _l("Copy of"),
        required=True,
        sentence=_l("Choose the master to copy."),
        choices=[],
        coerce=small_number,
        description=_l("Changes of the master's list prices flow into the copy."),
    )
    name = _name()
    currency = ChoiceField(
        _l("Currency"),
        required=True,
        choices=[],
        description=_l("Of differences and prices per unit in its rules."),
    )
    match_mode = ChoiceField(
        _l("Which rule wins"),
        required=True,
        choices=MATCH_MODES,
        default=MatchMode.MOST_SPECIFIC.value,
        description=_l(
            "The most specific: SKU before usage type, region and service. Or the first in the list."
        ),
    )
    adjustment_percent = _adjustment()
    counts_from = CountsFromField()
    is_retired = SwitchField(
        _l("Retired"), description=_l("No longer offered for new assignments. Customers who have it keep it.")
    )


class RulesForm(VersionedForm):
    """What a grid sends beside its rows."""

    counts_from = CountsFromField()


class DuplicateForm(BaseForm):
    """Another book with the same rules."""

    name = _name()
    adjustment_percent = _adjustment()
