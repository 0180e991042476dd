"""The first and the last month of an assignment in a form."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.clock import utc_now
from app.months.fields import AHEAD, BACK
from app.months.locks import Lockable, counting_text, first_open_month
from app.rating.months import first_day, month_after
from app.shell.fields import ChoiceField
from app.shell.formats import month_text


class _MonthField(ChoiceField):
    """A month or none. ``offer`` has to be called before the form is used; ``month`` is the choice."""

    nothing: object = ""

    def __init__(self, label: object, **kwargs: Any) -> None:
        super().__init__(label, choices=[], **kwargs)

    @property
    def month(self) -> datetime.date | None:
        """The chosen month; None for none."""
        if not self.data:
            return None
        year, _dash, month = str(self.data).partition("-")
        return datetime.date(int(year), int(month), 1)

    def _offer(
        self,
        start: datetime.date,
        given: datetime.date | None,
        usual: datetime.date | None,
        *,
        may_be_empty: bool,
    ) -> None:
        found = {month_after(start, number) for number in range(BACK + AHEAD + 1)}
        found |= {one for one in (given, usual) if one is not None}
        self.choices = [("", str(self.nothing))] if may_be_empty else []
        self.choices += [(f"{month:%Y-%m}", month_text(month)) for month in sorted(found)]
        if not self.raw_data:
            chosen = given or usual
            self.data = f"{chosen:%Y-%m}" if chosen else ""


class FirstMonthField(_MonthField):
    """From which month something counts: an open one, or since ever while none is on an issued statement."""

    nothing = _l("From the beginning")

    def __init__(self, label: object = _l("First month"), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)

    def offer(
        self,
        what: Iterable[Lockable],
        *,
        given: datetime.date | None = None,
        is_new: bool = False,
    ) -> None:
        """Offer the open months; ``given`` is the one of the record. What ``is_new`` begins in the present month."""
        first, today = first_open_month(what), first_day(utc_now().date())
        start = month_after(today, -BACK) if first is None else first
        usual = max(today, start) if is_new else None
        self._offer(start, given, usual, may_be_empty=first is None or (not is_new and given is None))
        self.description = counting_text(first)


class LastMonthField(_MonthField):
    """The last month in which something counts, or none."""

    nothing = _l("Without end")

    def __init__(self, label: object = _l("Last month"), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)

    def offer(self, what: Iterable[Lockable], *, given: datetime.date | None = None) -> None:
        """Offer the months with which it can end: the last one on an issued statement and those after it."""
        first, today = first_open_month(what), first_day(utc_now().date())
        start = month_after(today, -BACK) if first is None else month_after(first, -1)
        self._offer(start, given, None, may_be_empty=True)
        self.description = _("Included. Without one it counts until it is taken away.")
