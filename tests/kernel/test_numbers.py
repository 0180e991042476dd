"""Whole numbers from addresses and forms: plain digits that fit a key, or nothing."""

import pytest

from app.kernel.numbers import LARGEST_ID, compact_account_id, small_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("17", 17), ("007", 7), (5, 5), (str(LARGEST_ID), LARGEST_ID), ("2147483648", None)]
    + [(text, None) for text in ("", "-1", "+1", " 1", "1.0", "²", "፩", "١", "abc", "9" * 5000, None)],
)
def test_only_plain_digits_that_fit_are_numbers(text: object, number: int | None) -> None:
    assert small_number(text) == number


def test_a_lower_limit_counts() -> None:
    assert small_number("9999", largest=9999) == 9999
    assert small_number("10000", largest=9999) is None
    assert small_number("9999", largest=5000) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [("1234-5678-9012", "123456789012"), ("1234 5678 9012", "123456789012"), ("1234-5678", "12345678")]
    + [
        (text, "")
        for text in ("123456789012", "12-34", "1234-5678-90123", "1234-5678-9012-3", "a234-5678", "")
    ],
)
def test_an_account_id_that_is_grouped_for_reading_is_made_compact(text: str, digits: str) -> None:
    assert compact_account_id(text) == digits
