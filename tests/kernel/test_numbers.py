"""Whole numbers from addresses and forms: plain digits that fit a key, or nothing."""

import pytest

from app.kernel.numbers import LARGEST_ID, small_number


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
