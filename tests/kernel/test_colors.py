"""Contrast as WCAG 2 counts it, and the nearest colour that can be read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.colors import BLACK, WHITE, contrast, hex_of, mixed, read_color, readable, text_on

COLORS = st.tuples(*(st.integers(0, 255) for _ in range(3)))


@pytest.mark.parametrize("text", ["#0e6785", "0E6785", " #0E6785 "])
def test_a_colour_is_read_in_its_spellings(text: str) -> None:
    assert hex_of(read_color(text)) == "#0e6785"


def test_three_digits_stand_for_six() -> None:
    assert hex_of(read_color("#fa0")) == "#ffaa00"


@pytest.mark.parametrize(
    "text", ["", "#", "red", "#12345", "#1234567", "#gggggg", "#12345\n;", "١٢٣", "##123"]
)
def test_anything_else_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError):
        read_color(text)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", "21.00"), ("#777777", "#ffffff", "4.48"), ("#767676", "#ffffff", "4.54")],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: str) -> None:
    found = contrast(read_color(one), read_color(other))

    assert round(found, 2) == Decimal(expected)
    assert contrast(read_color(other), read_color(one)) == found


def test_a_mixture_ends_at_both_ends() -> None:
    color = read_color("#0e6785")

    assert (mixed(color, WHITE, 0), mixed(color, WHITE, 100)) == (color, WHITE)
    assert mixed(BLACK, WHITE, 50) == (128, 128, 128)


@given(COLORS)
def test_black_or_white_can_always_be_read(ground: tuple[int, int, int]) -> None:
    assert contrast(text_on(ground), ground) >= Decimal("4.5")


@given(COLORS)
def test_a_readable_colour_is_found_for_every_colour(color: tuple[int, int, int]) -> None:
    found = readable(color, (WHITE,), Decimal(3))

    assert contrast(found, WHITE) >= 3
    if contrast(color, WHITE) >= 3:
        assert found == color, "nothing is changed without need"
