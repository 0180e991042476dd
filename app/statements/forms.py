"""Forms of a statement: when it was paid, why it is void, what is credited or billed later."""

from __future__ import annotations

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.shell.fields import BaseForm, ExactField, LongText, Text


class PaidForm(BaseForm):
    """When a statement was paid."""

    paid_on = wtforms.DateField(_l("Paid on"), validators=[InputRequired()])


class VoidForm(BaseForm):
    """Why a statement is taken back."""

    reason = LongText(
        _l("Reason"),
        required=True,
        longest=500,
        description=_l("Your colleagues and the change log see it; the customer does not."),
    )


class AmountForm(BaseForm):
    """An amount that is billed or given back, and what the customer reads beside it."""

    amount = ExactField(
        _l("Amount"),
        digits=12,
        decimals=4,
        required=True,
        description=_l("Before tax."),
    )
    text = Text(
        _l("Text"),
        required=True,
        longest=200,
        description=_l("The line on the document. The customer sees it."),
    )
