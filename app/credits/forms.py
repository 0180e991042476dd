"""Forms of credits."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.clock import utc_now
from app.months.locks import Lockable, counting_text, first_open_month
from app.rating.months import first_day, month_after
from app.shell.fields import BaseForm, ChoiceField, ExactField, LongText, Text
from app.shell.formats import month_text

#: How many months ahead a credit can be made to wait.
AHEAD = 12


class FirstMonthField(ChoiceField):
    """The month of the first statement that may use a credit; empty for the next one that is issued."""

    def offer(self, what: Iterable[Lockable]) -> None:
        """Offer the months that are open for these records. Has to be called before the form is used."""
        first = first_open_month(what)
        this_month = first_day(utc_now().date())
        start = max(first or this_month, this_month)
        months = [month_after(start, number) for number in range(AHEAD + 1)]
        self.choices = [("", _("The next statement"))]
        self.choices += [(f"{month:%Y-%m}", month_text(month)) for month in months]
        self.description = counting_text(first) or _(
            "It waits until the statement of this month, and longer where something is left."
        )

    @property
    def month(self) -> datetime.date | None:
        """The chosen month; None for the next statement."""
        if not self.data:
            return None
        year, _dash, month = str(self.data).partition("-")
        return datetime.date(int(year), int(month), 1)


class CreditForm(BaseForm):
    """A new credit."""

    submission = wtforms.HiddenField()
    amount = ExactField(_l("Amount"), digits=12, decimals=4, required=True)
    currency = ChoiceField(
        _l("Currency"),
        required=True,
        choices=[],
        description=_l("Used on statements in this currency only."),
    )
    first_month = FirstMonthField(_l("First month"), choices=[])
    comment = Text(
        _l("Comment"),
        longest=500,
        description=_l("What it is for. Only you and your colleagues see it, your customer does not."),
    )


class ReversalForm(BaseForm):
    """Takes a wrong credit back."""

    amount = ExactField(_l("Amount to take back"), digits=12, decimals=4, required=True)
    reason = LongText(
        _l("Reason"),
        required=True,
        longest=500,
        description=_l("Kept with the credit and in the change log. Your customer does not see it."),
    )
