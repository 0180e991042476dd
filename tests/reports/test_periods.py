"""Which days a name means, and how a chart and a forecast come about."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from app.reports.charts import series_of, stacked
from app.reports.dashboard import forecast_of
from app.reports.periods import Period, PeriodKey, named_period, period_from

pytestmark = pytest.mark.once
DAY = datetime.date
TODAY = DAY(2026, 11, 26)


@pytest.mark.parametrize(
    ("key", "first", "last", "before"),
    [
        ("month_to_date", DAY(2026, 11, 1), TODAY, (DAY(2026, 10, 1), DAY(2026, 10, 26))),
        ("last_month", DAY(2026, 10, 1), DAY(2026, 10, 31), (DAY(2026, 9, 1), DAY(2026, 9, 30))),
        ("last_quarter", DAY(2026, 7, 1), DAY(2026, 9, 30), (DAY(2026, 4, 1), DAY(2026, 6, 30))),
        ("year_to_date", DAY(2026, 1, 1), TODAY, (DAY(2025, 1, 1), DAY(2025, 11, 26))),
        ("last_year", DAY(2025, 1, 1), DAY(2025, 12, 31), (DAY(2024, 1, 1), DAY(2024, 12, 31))),
    ],
)
def test_a_name_means_these_days_and_is_compared_with_those(
    key: str, first: datetime.date, last: datetime.date, before: tuple[datetime.date, datetime.date]
) -> None:
    found = named_period(PeriodKey(key), TODAY)

    assert (found.first, found.last) == (first, last)
    assert (found.before().first, found.before().last) == before


def test_days_of_the_own_are_taken_the_right_way_round_and_nonsense_is_refused() -> None:
    own = {"period": "custom", "from": "2026-10-09", "to": "2026-10-03"}

    assert period_from(own, TODAY) == Period(PeriodKey.CUSTOM, DAY(2026, 10, 3), DAY(2026, 10, 9))
    for given in ({"period": "ever"}, own | {"from": "yesterday"}, own | {"from": "2001-01-01"}):
        assert period_from(given, TODAY) is None


def test_who_changes_the_days_beside_a_name_means_the_days() -> None:
    form = {"period": "last_month", "from": "2026-10-01", "to": "2026-10-31", "was": "2026-10-01~2026-10-31"}

    for given, expected in ((form, PeriodKey.LAST_MONTH), (form | {"to": "2026-10-15"}, PeriodKey.CUSTOM)):
        found = period_from(given, TODAY)
        assert found is not None
        assert found.key is expected


def test_a_forecast_goes_straight_on_and_counts_the_fees_of_the_first_day_once() -> None:
    month = DAY(2026, 11, 1)
    days = {DAY(2026, 11, day): Decimal(10) for day in range(1, 11)}

    def foretold(**by_provider: dict[datetime.date, Decimal]) -> Decimal:
        found = forecast_of(month, by_provider)
        assert found is not None
        return found.amount

    assert foretold(aws=days) == Decimal("300.00")
    assert foretold(aws=days | {month: Decimal(510)}) == Decimal("800.00")
    assert foretold(aws={day: cost for day, cost in days.items() if day != month}) == Decimal("300.00")
    # A bill that reaches less far is no sign that its provider cost less; a fee alone is counted as it is.
    shorter = {day: cost for day, cost in days.items() if day.day <= 5}
    assert foretold(aws=days, azure=shorter, google={month: Decimal(7)}) == Decimal("607.00")


def test_nothing_is_foretold_before_the_second_day_with_data() -> None:
    month = DAY(2026, 11, 1)

    assert forecast_of(month, {}) is None
    assert forecast_of(month, {"aws": {month: Decimal(100)}}) is None
    assert forecast_of(month, {"aws": {DAY(2026, 11, 2): Decimal(1)}}) is None


def test_bars_stand_on_the_zero_line_and_hang_below_it() -> None:
    series = series_of(["aws", "other"], {"aws": "AWS"})
    chart = stacked(
        [("1 Oct", "1"), ("2 Oct", "2")], series, {(0, "aws"): Decimal(90), (1, "other"): Decimal(-20)}
    )

    zero = next(tick.y for tick in chart.ticks if tick.is_zero)
    [above], [below] = chart.bars[0].parts, chart.bars[1].parts
    assert above.y < zero
    assert below.y == zero
    assert [one.color for one in series] == [2, 4]
    assert chart.highest is chart.bars[0]
