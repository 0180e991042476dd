"""The form of a budget."""

from __future__ import annotations

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from app.providers.queries import resold_providers
from app.reports.models import BudgetBase, BudgetPeriod
from app.shell.choices import currency_choices
from app.shell.crud import RecordForm
from app.shell.fields import AmountField, ChoiceField, LongText, Text

BASE_WORDS = {
    BudgetBase.CUSTOMER: _l("Customer cost: what customers pay for usage"),
    BudgetBase.SELLER: _l("Seller cost: what usage costs you"),
}
PERIOD_WORDS = {
    BudgetPeriod.WEEKLY: _l("Each week"),
    BudgetPeriod.MONTHLY: _l("Each month"),
    BudgetPeriod.QUARTERLY: _l("Each quarter"),
    BudgetPeriod.ANNUAL: _l("Each year"),
    BudgetPeriod.CUSTOM: _l("Days of your own"),
}


def _bases() -> list[tuple[str, object]]:
    return [(one.value, words) for one, words in BASE_WORDS.items()]


def _periods() -> list[tuple[str, object]]:
    return [(one.value, words) for one, words in PERIOD_WORDS.items()]


def _providers() -> list[tuple[str, object]]:
    return [("", _l("All providers")), *((str(one.id), one.name) for one in resold_providers())]


class BudgetForm(RecordForm):
    """How much, in which time, on what, and who is told when."""

    name = Text(_l("Name"), required=True, longest=100)
    amount = AmountField(_l("Amount"), required=True)
    currency = ChoiceField(
        _l("Currency"), required=True, choices=currency_choices, sentence=_l("Choose a currency.")
    )
    base = ChoiceField(
        _l("What counts"), choices=_bases, required=True, sentence=_l("Choose one of the list.")
    )
    period = ChoiceField(
        _l("Period"), choices=_periods, required=True, sentence=_l("Choose one of the list.")
    )
    first_on = wtforms.DateField(_l("First day"), validators=[Optional()])
    last_on = wtforms.DateField(_l("Last day"), validators=[Optional()])
    provider_id = ChoiceField(_l("Provider"), choices=_providers)
    customer = Text(
        _l("Customer"),
        longest=250,
        description=_l("Account number or organization, such as C-1001. Empty: all customers."),
        render_kw={"autocomplete": "off", "list": "customers"},
    )
    account = Text(
        _l("Cloud account"),
        longest=200,
        description=_l("The id of one account at the provider. Empty: all accounts."),
        render_kw={"autocomplete": "off"},
    )
    thresholds_text = Text(
        _l("Notify at"),
        required=True,
        longest=200,
        description=_l("Percentages or amounts, separated by commas: 80 %, 100 %, 5000."),
    )
    recipients_text = LongText(
        _l("Whom to notify"),
        longest=2000,
        description=_l("Email addresses, separated by commas. Empty: whoever gets your mails usually."),
        render_kw={"rows": 2},
    )
