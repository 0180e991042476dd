"""What becomes of single rows: numbers, dates and what is missing."""

from datetime import date
from decimal import Decimal

import pytest

from app.usage.faults import UnreadableFile
from tests.usage.bills import CUR_ROW, FOCUS_ROW, lines

pytestmark = pytest.mark.once


NUMBERS = {
    "1.81E-8": "0.0000000181",
    "1e3": "1000",
    " 12.50 ": "12.5",
    "-0.00000": "0",
    "0.123456789012345678": "0.123456789012345678",
    "0.10000000000000000000000": "0.1",
    "0E-30": "0",
    "9999999999999999999": "9999999999999999999",
    "": "9.7",  # what was billed is what it cost
}
WRONG = (
    ("BilledCost", "NaN", "not_a_number"),
    ("BilledCost", "1e400", "not_a_number"),
    ("BilledCost", "1,5", "not_a_number"),
    ("BilledCost", "1_000", "not_a_number"),
    ("BilledCost", "Infinity", "not_a_number"),
    ("BilledCost", "0x10", "not_a_number"),
    ("ListCost", "0.1234567890123456789", "too_many_decimals"),
    ("ListCost", "1.5e-18", "too_many_decimals"),
    ("ChargePeriodStart", "yesterday", "not_a_date"),
    ("ChargePeriodStart", "0001-01-01", "not_a_date"),
    ("ChargePeriodStart", "", "missing"),
    ("SubAccountId", "", "missing"),
    ("SubAccountId", "NULL", "missing"),
    ("SubAccountId", "  ", "missing"),
    ("BillingCurrency", "", "missing"),
)
TIMES = {
    "2026-10-05 10:00:00": "2026-10-05T10:00",
    "2026-10-05T10:00:00.000Z": "2026-10-05T10:00",
    "2026-10-05T00:30:00+02:00": "2026-10-04T22:30",
    "2026-10-05 10:00:00 UTC": "2026-10-05T10:00",
    "10/05/2026": "2026-10-05T00:00",
    "2026-10-05": "2026-10-05T00:00",
}


def test_numbers_are_kept_to_the_last_digit(store, read_rows) -> None:
    reading = read_rows(FOCUS_ROW, [{"BilledCost": text} for text in NUMBERS])

    found = [billed for (billed,) in lines(store, reading, "billed_cost")]
    assert found == [Decimal(number) for number in NUMBERS.values()]


def test_rows_that_are_wrong_are_rejected_and_the_others_are_read(store, read_rows) -> None:
    reading = read_rows(FOCUS_ROW, [{}, *({column: text} for column, text, _ in WRONG), {}])

    assert [(row.line, row.column, row.value, row.reason) for row in reading.rejected] == [
        (line, column, "" if reason == "missing" else text, reason)
        for line, (column, text, reason) in enumerate(WRONG, start=3)
    ]
    assert (reading.rows, reading.rejected_count) == (len(WRONG) + 2, len(WRONG))
    assert len(lines(store, reading, "account")) == 2


def test_a_time_is_utc_and_one_without_a_zone_too(store, read_rows) -> None:
    reading = read_rows(FOCUS_ROW, [{"ChargePeriodStart": text} for text in TIMES])

    found = lines(store, reading, "starts_at", "usage_date")
    assert [f"{starts:%Y-%m-%dT%H:%M}" for starts, _ in found] == list(TIMES.values())
    assert all(starts.date() == day for starts, day in found)


def test_list_cost_is_filled_from_the_price_then_from_effective_cost(store, read_rows) -> None:
    reading = read_rows(
        FOCUS_ROW,
        [
            {"ListCost": "0"},
            {
                "ListCost": "NULL",
                "ListUnitPrice": "12345.0000000001",
                "PricingQuantity": "-3.000000000000000001",
            },
            {"ListCost": ""},
        ],
    )

    # 12345.0000000001 x -3.000000000000000001 has 28 decimals; it is rounded once, at the 18th.
    assert lines(store, reading, "list_cost", "is_list_missing") == [
        (Decimal(0), False),
        (Decimal("-37035.000000000300012345"), False),
        (Decimal("9.7"), True),
    ]
    assert reading.fell_back == {"list_cost": 1}


def test_the_billing_period_decides_the_month_and_not_the_day_of_use(store, read_rows) -> None:
    reading = read_rows(
        FOCUS_ROW, [{"ChargePeriodStart": "2026-09-30T23:00:00Z", "ChargeClass": "Correction"}]
    )

    assert lines(store, reading, "month", "usage_date", "is_correction") == [
        (date(2026, 10, 1), date(2026, 9, 30), True)
    ]


def test_what_belongs_to_no_account_belongs_to_the_billing_account(store, read_rows) -> None:
    reading = read_rows(FOCUS_ROW, [{"SubAccountId": "", "ChargeCategory": "Tax"}])

    assert lines(store, reading, "account", "category") == [("700000000000", "tax")]


def test_account_ids_are_text_with_their_zeros(store, read_rows) -> None:
    reading = read_rows(CUR_ROW, [{"lineItem/UsageAccountId": "000123"}])

    assert lines(store, reading, "account") == [("000123",)]


def test_a_number_beyond_38_digits_in_a_sum_refuses_the_file(store, read_rows) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_rows(FOCUS_ROW, [{"BilledCost": "99999999999999999999"}] * 3)

    assert refused.value.code == "out_of_range"
    assert list(store.versions()) == []
