"""The clock: aware UTC, and movable in tests."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.kernel.clock import as_utc, clock_from, frozen_at, utc_now

NEW_YEAR = datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))


def test_now_is_aware_utc() -> None:
    assert utc_now().tzinfo is UTC
    assert abs(datetime.now(UTC) - utc_now()) < timedelta(seconds=5)


def test_frozen_clock_stands_still_and_comes_back() -> None:
    with frozen_at(NEW_YEAR):
        assert utc_now() == NEW_YEAR
        assert utc_now().year == 2026, "in UTC the year has not ended yet"

    assert utc_now() != NEW_YEAR


def test_clock_comes_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), frozen_at(NEW_YEAR):
        raise ZeroDivisionError

    assert utc_now() != NEW_YEAR


def test_moving_clock() -> None:
    ticks = iter([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)])

    with clock_from(lambda: next(ticks)):
        assert [utc_now().month, utc_now().month] == [1, 2]


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        as_utc(datetime(2026, 1, 1))  # noqa: DTZ001
