"""A month is the date of its first day."""

from datetime import UTC, date, datetime

import pytest

from app.rating.months import (
    Days,
    check_day,
    check_month,
    days_in,
    first_day,
    last_day,
    month_after,
    month_from,
    months,
)
from app.rating.problems import InvalidMonth, ProblemCode

JANUARY, FEBRUARY = date(2028, 1, 1), date(2028, 2, 1)


@pytest.mark.parametrize("value", ["2028-01-01", None, datetime(2028, 1, 1, tzinfo=UTC)])
def test_day_is_a_plain_date(value: object) -> None:
    with pytest.raises(TypeError):
        check_day(value, "on")
    with pytest.raises(TypeError):
        check_month(value)


def test_month_is_its_first_day() -> None:
    check_month(JANUARY)
    with pytest.raises(InvalidMonth) as refused:
        check_month(date(2028, 1, 2), "first_month")

    assert (refused.value.code, refused.value.field) == (ProblemCode.NOT_FIRST_OF_MONTH, "first_month")


def test_february_is_longer_in_a_leap_year() -> None:
    assert (days_in(FEBRUARY), last_day(FEBRUARY)) == (29, date(2028, 2, 29))
    assert days_in(date(2027, 2, 1)) == 28
    assert first_day(date(2028, 2, 29)) == FEBRUARY


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, 29),
        (date(2028, 2, 1), None, 29),
        (date(2028, 2, 16), None, 14),
        (None, date(2028, 2, 15), 15),
        (date(2028, 2, 29), date(2028, 2, 29), 1),
        (date(2028, 1, 31), date(2028, 3, 1), 29),
        (date(2028, 3, 1), None, 0),
        (None, date(2028, 1, 31), 0),
        (date(2028, 2, 10), date(2028, 2, 9), 0),
    ],
)
def test_days_of_a_span_in_a_month_are_counted(first: date | None, last: date | None, days: int) -> None:
    assert Days(first, last).in_month(FEBRUARY) == days


def test_span_knows_whether_it_runs_backwards() -> None:
    assert Days(date(2028, 2, 10), date(2028, 2, 9)).is_backwards
    assert not Days(date(2028, 2, 10), date(2028, 2, 10)).is_backwards
    assert not Days(None, JANUARY).is_backwards and not Days(JANUARY, None).is_backwards


def test_spans_meet_in_what_both_have() -> None:
    left, right = Days(JANUARY, None), Days(None, last_day(FEBRUARY))

    assert left.together(right) == Days(JANUARY, last_day(FEBRUARY)) == months(JANUARY, FEBRUARY)
    assert left.together(Days(FEBRUARY)) == Days(FEBRUARY, None)
    assert months(None, None) == Days()
    assert Days().covers(left) and not left.covers(Days()) and left.covers(months(JANUARY, FEBRUARY))


def test_months_are_counted_on_and_back() -> None:
    assert month_after(date(2027, 12, 1)) == JANUARY
    assert month_after(JANUARY, -1) == date(2027, 12, 1)
    assert month_after(JANUARY, 25) == date(2030, 2, 1)


def test_first_whole_month_from_a_day_on() -> None:
    assert month_from(JANUARY) == JANUARY
    assert month_from(date(2028, 1, 2)) == FEBRUARY
    assert month_from(None) is None
