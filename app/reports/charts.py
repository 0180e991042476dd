"""Charts as numbers: where the bars of a drawing stand. Templates draw them as SVG, with the table behind them.

Drawn by the server, so that charts need no script, follow the theme, and print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from app.rating.money import ZERO

WIDTH, HEIGHT = Decimal(960), Decimal(240)
_LEFT, _TOP, _BOTTOM = Decimal(64), Decimal(8), Decimal(218)
_GAP = Decimal(1)
_WIDEST = Decimal(44)
_TENTH = Decimal("0.1")

#: Colours of the series: providers have theirs wherever they are shown.
_OWN = {"azure": 1, "aws": 2, "google": 3}
_OTHERS = (4, 5, 6)


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart."""

    key: str
    label: str
    color: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar."""

    series: Series
    value: Decimal
    y: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One day or month."""

    label: str
    short: str
    x: Decimal
    middle: Decimal
    total: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid."""

    y: Decimal
    value: Decimal

    @property
    def is_zero(self) -> bool:
        return not self.value


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars. ``highest`` is the bar that stands out."""

    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    bar_width: Decimal
    width: Decimal = WIDTH
    height: Decimal = HEIGHT

    @property
    def left(self) -> Decimal:
        return _LEFT

    @property
    def highest(self) -> Bar | None:
        return max(self.bars, key=lambda one: one.total, default=None)

    @property
    def has_any(self) -> bool:
        return any(part.value for bar in self.bars for part in bar.parts)


def series_of(keys: Sequence[str], labels: Mapping[str, str]) -> tuple[Series, ...]:
    """Return a colour for each provider: always the same one for those that have one."""
    others = iter(_OTHERS)
    return tuple(
        Series(one, labels.get(one, one), _OWN.get(one) or next(others, _OTHERS[-1])) for one in keys
    )


def stacked(
    columns: Sequence[tuple[str, str]],
    series: Sequence[Series],
    values: Mapping[tuple[int, str], Decimal],
) -> Chart:
    """Return bars for ``columns`` (label and short label) of ``values`` by column's place and series."""
    found = [[values.get((place, one.key), ZERO) for one in series] for place in range(len(columns))]
    highest = max((sum((one for one in some if one > 0), ZERO) for some in found), default=ZERO)
    lowest = min((sum((one for one in some if one < 0), ZERO) for some in found), default=ZERO)
    step = _step(highest - lowest)
    top = (highest / step).to_integral_value(ROUND_CEILING) * step
    bottom = (lowest / step).to_integral_value(ROUND_FLOOR) * step
    scale = (_BOTTOM - _TOP) / ((top - bottom) or 1)

    def at(value: Decimal) -> Decimal:
        return (_TOP + (top - value) * scale).quantize(_TENTH)

    each = (WIDTH - _LEFT) / max(len(columns), 1)
    wide = min(each * Decimal("0.68"), _WIDEST).quantize(_TENTH)
    bars = []
    for place, (label, short) in enumerate(columns):
        middle = (_LEFT + each * place + each / 2).quantize(_TENTH)
        bars.append(
            Bar(
                label,
                short if place % _every(len(columns)) == 0 else "",
                (middle - wide / 2).quantize(_TENTH),
                middle,
                sum(found[place], ZERO),
                tuple(_parts(series, found[place], at)),
            )
        )
    steps = int((top - bottom) / step) if top != bottom else 0
    ticks = tuple(Tick(at(bottom + step * number), bottom + step * number) for number in range(steps + 1))
    return Chart(tuple(series), tuple(bars), ticks or (Tick(_BOTTOM, ZERO),), wide)


def _parts(
    series: Sequence[Series], values: Sequence[Decimal], at: Callable[[Decimal], Decimal]
) -> list[Part]:
    above, below, found = ZERO, ZERO, []
    for one, value in zip(series, values, strict=True):
        if not value:
            continue
        start = above if value > 0 else below
        high, low = max(start, start + value), min(start, start + value)
        y, end = at(high), at(low)
        found.append(Part(one, value, y, max(end - y - _GAP, Decimal("0.5"))))
        if value > 0:
            above += value
        else:
            below += value
    return found


def _step(span: Decimal) -> Decimal:
    """Return a round step that gives four to five lines."""
    if span <= 0:
        return Decimal(1)
    rough = span / 4
    power = Decimal(10) ** rough.adjusted()
    return next(
        power * one
        for one in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
        if power * one >= rough
    )


def _every(number: int) -> int:
    """How many bars share one label below."""
    return 1 if number <= 12 else 2 if number <= 31 else 7


def share(value: Decimal, largest: Decimal) -> Decimal:
    """Return how long a bar is beside the longest one, from 0 to 100."""
    if largest <= 0 or value <= 0:
        return ZERO
    return (value * 100 / largest).quantize(_TENTH)
