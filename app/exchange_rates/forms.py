"""The form of an exchange rate."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.months.fields import MonthField
from app.shell.choices import currency_choices
from app.shell.crud import RecordForm
from app.shell.fields import ChoiceField, ExactField


class ExchangeRateForm(RecordForm):
    """A month, a pair of currencies, and what one unit is worth."""

    month = MonthField(description=_l("The month of the usage, not of the statement."))
    from_currency = ChoiceField(
        _l("From currency"),
        required=True,
        choices=currency_choices,
        sentence=_l("Choose a currency."),
        description=_l("What the provider bills in."),
    )
    to_currency = ChoiceField(
        _l("To currency"),
        required=True,
        choices=currency_choices,
        sentence=_l("Choose a currency."),
        description=_l("What the customer pays in."),
    )
    rate = ExactField(
        _l("Rate"),
        digits=8,
        decimals=10,
        lowest=Decimal("0.0000000001"),
        required=True,
        description=_l(
            "How much one unit of the first currency is in the second: 0.92 for 1 USD = 0.92 EUR."
        ),
    )
