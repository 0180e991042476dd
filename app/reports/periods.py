"""The days that a report is about, as people name them: last month, the year to date, or days of their own."""

from __future__ import annotations

import calendar
import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.rating.months import first_day, last_day, month_after

_ONE_DAY = datetime.timedelta(days=1)
#: The longest span that a report takes.
MOST_MONTHS = 36
#: Spans up to this are drawn day by day, longer ones month by month.
MOST_DAYS_DRAWN = 62


class PeriodKey(enum.StrEnum):
    """The spans that are offered."""

    MONTH_TO_DATE = "month_to_date"
    LAST_MONTH = "last_month"
    LAST_QUARTER = "last_quarter"
    YEAR_TO_DATE = "year_to_date"
    LAST_YEAR = "last_year"
    CUSTOM = "custom"


PERIOD_WORDS: dict[PeriodKey, object] = {
    PeriodKey.MONTH_TO_DATE: _l("Month to date"),
    PeriodKey.LAST_MONTH: _l("Last month"),
    PeriodKey.LAST_QUARTER: _l("Last quarter"),
    PeriodKey.YEAR_TO_DATE: _l("Year to date"),
    PeriodKey.LAST_YEAR: _l("Last year"),
    PeriodKey.CUSTOM: _l("Days of your own"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends in it."""

    key: PeriodKey
    first: datetime.date
    last: datetime.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_drawn_by_days(self) -> bool:
        return self.days <= MOST_DAYS_DRAWN

    @property
    def arguments(self) -> dict[str, str]:
        """Return what an address says to mean this span."""
        if self.key is not PeriodKey.CUSTOM:
            return {"period": self.key.value}
        return {"period": self.key.value, "from": self.first.isoformat(), "to": self.last.isoformat()}

    @property
    def whole_month(self) -> datetime.date | None:
        """The month that this is, where it is one and all of it; else None."""
        month = first_day(self.first)
        return month if (self.first, self.last) == (month, last_day(month)) else None

    def before(self) -> Period:
        """Return the span that this one is compared with: the same days a month, quarter or year earlier."""
        back = {
            PeriodKey.MONTH_TO_DATE: 1,
            PeriodKey.LAST_MONTH: 1,
            PeriodKey.LAST_QUARTER: 3,
            PeriodKey.YEAR_TO_DATE: 12,
            PeriodKey.LAST_YEAR: 12,
        }.get(self.key)
        if back is None:
            return Period(PeriodKey.CUSTOM, self.first - self.days * _ONE_DAY, self.first - _ONE_DAY)
        whole = self.last == last_day(first_day(self.last))
        return Period(PeriodKey.CUSTOM, _earlier(self.first, back), _earlier(self.last, back, is_end=whole))


def _earlier(day: datetime.date, months: int, *, is_end: bool = False) -> datetime.date:
    month = month_after(first_day(day), -months)
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=last if is_end else min(day.day, last))


def named_period(key: PeriodKey, today: datetime.date) -> Period:
    """Return the days that a name means today."""
    month = first_day(today)
    if key is PeriodKey.MONTH_TO_DATE:
        return Period(key, month, today)
    if key is PeriodKey.YEAR_TO_DATE:
        return Period(key, month.replace(month=1), today)
    if key is PeriodKey.LAST_YEAR:
        return Period(key, datetime.date(today.year - 1, 1, 1), datetime.date(today.year - 1, 12, 31))
    if key is PeriodKey.LAST_QUARTER:
        first = month_after(month, -((month.month - 1) % 3) - 3)
        return Period(key, first, last_day(month_after(first, 2)))
    before = month_after(month, -1)
    return Period(key, before, last_day(before))


def period_from(
    arguments: Mapping[str, str], today: datetime.date, usual: PeriodKey = PeriodKey.LAST_MONTH
) -> Period | None:
    """Return the span that an address names, the usual one where it names none; None for nonsense.

    Days the wrong way round are taken the right way; a missing one is the other's month. ``was``: the days that the
    form showed; who changed them means days of the own, whatever name is still chosen beside them.
    """
    key = arguments.get("period", "") or usual.value
    if key not in set(PeriodKey):
        return None
    asked = [arguments.get(name, "") for name in ("from", "to")]
    is_own = "was" in arguments and "~".join(asked) != arguments["was"]
    if key != PeriodKey.CUSTOM and not is_own:
        return named_period(PeriodKey(key), today)
    try:
        first, last = (datetime.date.fromisoformat(one) if one else None for one in asked)
    except ValueError:
        return None
    if first is None and last is None:
        return named_period(usual, today)
    first = first or first_day(last or today)
    last = last or last_day(first_day(first))
    first, last = min(first, last), max(first, last)
    if first.year < 2000 or last.year > 2099 or month_after(first_day(first), MOST_MONTHS) <= last:
        return None
    return Period(PeriodKey.CUSTOM, first, last)
