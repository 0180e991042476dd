"""Months in a form: one of several, and the one from which a change counts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.clock import utc_now
from app.months.locks import Lockable, counting_text, first_open_month
from app.rating.months import first_day, month_after
from app.shell.fields import ChoiceField
from app.shell.formats import month_text

#: What stands for "in all months" in a form.
ALWAYS = "always"
#: How many months a form offers before and after the present one.
BACK, AHEAD = 6, 12


def _chosen(text: str) -> datetime.date:
    year, _dash, month = text.partition("-")
    return datetime.date(int(year), int(month), 1)


class MonthField(ChoiceField):
    """One of the months around the present one. ``offer`` has to be called before the form is used."""

    def __init__(self, label: object = _l("Month"), **kwargs: Any) -> None:
        super().__init__(
            label, required=True, choices=[], sentence=_l("Choose a month of the list."), **kwargs
        )

    def offer(
        self, *, back: int = BACK, ahead: int = AHEAD, given: datetime.date | None, usual: datetime.date
    ) -> None:
        """Offer the months from ``back`` before to ``ahead`` after the present one, and ``given``, the record's."""
        today = first_day(utc_now().date())
        months = {month_after(today, number) for number in range(-back, ahead + 1)} | {usual}
        if given is not None:
            months.add(given)
        self.choices = [(f"{month:%Y-%m}", month_text(month)) for month in sorted(months, reverse=True)]
        if not self.raw_data:
            self.data = f"{given or usual:%Y-%m}"

    @property
    def month(self) -> datetime.date:
        """The chosen month."""
        return _chosen(str(self.data))


class CountsFromField(ChoiceField):
    """The month from which a change counts: one that is open, or all of them while none is on an issued statement.

    ``offer`` has to be called before the form is used. ``month`` is the choice (None: all months), ``first_open`` the
    first month that can be chosen (None: any).
    """

    first_open: datetime.date | None = None

    def __init__(self, label: object = _l("Counts from"), **kwargs: Any) -> None:
        super().__init__(label, required=True, choices=[], **kwargs)

    def offer(self, what: Iterable[Lockable], *, given: datetime.date | None = None) -> None:
        """Offer the months that are open for these records.

        ``given`` is the one that the record has now: it stays chosen, so that saving something else moves no month.
        """
        first = self.first_open = first_open_month(what)
        today = first_day(utc_now().date())
        start = month_after(today, -BACK) if first is None else first
        months = {month_after(start, number) for number in range(BACK + AHEAD + 1)}
        if given is not None and (first is None or given >= first):
            months.add(given)
        self.choices = [(ALWAYS, _("All months"))] if first is None else []
        self.choices += [(f"{month:%Y-%m}", month_text(month)) for month in sorted(months)]
        if not self.raw_data:
            month = max((one for one in (first, given) if one is not None), default=None)
            self.data = ALWAYS if month is None else f"{month:%Y-%m}"
        self.description = counting_text(first)

    @property
    def month(self) -> datetime.date | None:
        """The chosen month; None for all of them."""
        if self.data == ALWAYS:
            return None
        return _chosen(str(self.data))
