"""Colours on screens: how far two of them stand apart, and the nearest one that can be read on a ground.

Contrast is that of WCAG 2: the quotient of relative luminances, from 1 (alike) to 21 (black on white).
"""

from decimal import Decimal
from functools import lru_cache

Color = tuple[int, int, int]

BLACK: Color = (0, 0, 0)
WHITE: Color = (255, 255, 255)

_WEIGHTS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))
_FLARE = Decimal("0.05")


def read_color(text: str) -> Color:
    """Return the colour that ``#0e6785``, ``0E6785`` or ``#fa0`` names; ValueError for anything else."""
    digits = text.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6 or not digits.isascii() or not digits.isalnum():
        raise ValueError(f"{text!r} is no colour")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def hex_of(color: Color) -> str:
    """Return ``#0e6785``."""
    return "#" + "".join(f"{part:02x}" for part in color)


@lru_cache(maxsize=256)
def _linear(part: int) -> Decimal:
    share = Decimal(part) / 255
    if share <= Decimal("0.04045"):
        return share / Decimal("12.92")
    power: Decimal = ((share + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
    return power


def luminance(color: Color) -> Decimal:
    """Return the relative luminance: 0 for black, 1 for white."""
    return sum((weight * _linear(part) for weight, part in zip(_WEIGHTS, color, strict=True)), Decimal(0))


def contrast(one: Color, other: Color) -> Decimal:
    """Return the contrast of two colours, whichever is the lighter."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + _FLARE) / (low + _FLARE)


def mixed(color: Color, other: Color, percent: int) -> Color:
    """Return ``color`` with ``percent`` of ``other`` in it."""
    red, green, blue = (
        (100 * own + percent * (more - own) + 50) // 100 for own, more in zip(color, other, strict=True)
    )
    return red, green, blue


def text_on(ground: Color) -> Color:
    """Return black or white, whichever stands out more; one of the two always has at least 4.5."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, ground))


def readable(color: Color, grounds: tuple[Color, ...], least: Decimal) -> Color:
    """Return the colour nearest to ``color`` that has ``least`` contrast on every one of ``grounds``.

    Nearest: with as little black or white in it as does it. The grounds are alike, all light or all dark.
    """
    end = text_on(grounds[0])
    tries = (mixed(color, end, percent) for percent in range(101))
    return next((one for one in tries if all(contrast(one, ground) >= least for ground in grounds)), end)
