"""Months and days: a month is the date of its first day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from app.rating.problems import InvalidMonth, ProblemCode, problem


def check_day(value: object, field: str) -> None:
    """Refuse what is no plain date; a moment is none."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"{field} takes date, not {type(value).__name__}")


def check_month(value: object, field: str = "month") -> None:
    """Refuse what is not the first day of a month."""
    check_day(value, field)
    if isinstance(value, date) and value.day != 1:
        raise InvalidMonth(problem(ProblemCode.NOT_FIRST_OF_MONTH, field))


def first_day(day: date) -> date:
    """Return the month that a day is in."""
    return day.replace(day=1)


def days_in(month: date) -> int:
    """Return how many days a month has."""
    return monthrange(month.year, month.month)[1]


def month_after(month: date, number: int = 1) -> date:
    """Return the month ``number`` months later; a negative number goes back."""
    count = month.year * 12 + month.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def month_from(day: date | None) -> date | None:
    """Return the first month that is whole from a day on; None, since ever, stays None."""
    return day if day is None or day.day == 1 else month_after(first_day(day))


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return month.replace(day=days_in(month))


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days, both ends in it; None is open."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        for field, value in (("first", self.first), ("last", self.last)):
            if value is not None:
                check_day(value, field)

    @property
    def is_backwards(self) -> bool:
        """Does it end before it starts? Then no day is in it."""
        return self.first is not None and self.last is not None and self.last < self.first

    def together(self, other: Days) -> Days:
        """Return the days that are in both."""
        firsts = [one for one in (self.first, other.first) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        return Days(max(firsts, default=None), min(lasts, default=None))

    def covers(self, other: Days) -> bool:
        """Is every day of ``other`` in it?"""
        return self.together(other) == other

    def in_month(self, month: date) -> int:
        """Return how many of its days are in a month."""
        first = month if self.first is None else max(self.first, month)
        last = last_day(month) if self.last is None else min(self.last, last_day(month))
        return max(0, (last - first).days + 1)


def months(first: date | None, last: date | None) -> Days:
    """Return the days from a first to a last month, both whole."""
    return Days(first, None if last is None else last_day(last))
