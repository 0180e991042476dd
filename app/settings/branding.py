"""A reseller's colour as its portal wears it: one set of tokens for each theme, derived so that all of it can be read.

Text on the colour is black or white. Where the colour itself does not stand out from a theme's surfaces, a darker or
lighter one takes its place there. The names are those of the tokens in ``static/shell/tokens.css``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.kernel.colors import BLACK, WHITE, Color, contrast, hex_of, mixed, read_color, readable, text_on

_FOR_PARTS = Decimal(3)
_FOR_TEXT = Decimal("4.5")
_FOR_LARGE_GROUNDS = Decimal(9)

#: The lightest and the darkest ground of each theme, as tokens.css has them: the surface stands first.
_GROUNDS: dict[str, tuple[Color, ...]] = {
    "light": (read_color("#ffffff"), read_color("#edf0f2")),
    "dark": (read_color("#151a20"), read_color("#232b33")),
}


#: What lies below a theme's buttons and texts.
SURFACES = {name: hex_of(surface) for name, (surface, _ground) in _GROUNDS.items()}


@dataclass(frozen=True, slots=True)
class Theme:
    """The colour in one theme. ``is_as_chosen``: it could stay as the reseller chose it."""

    brand: str
    on_brand: str
    hover: str
    active: str
    text: str
    soft: str
    line: str
    is_as_chosen: bool

    def tokens(self) -> dict[str, str]:
        """Return the values by the names of the tokens."""
        return {
            "--ct-brand": self.brand,
            "--ct-brand-hover": self.hover,
            "--ct-brand-active": self.active,
            "--ct-brand-text": self.text,
            "--ct-brand-soft": self.soft,
            "--ct-brand-line": self.line,
            "--ct-text-on-brand": self.on_brand,
            "--ct-surface-selected": self.soft,
        }


def theme_of(brand_color: str, theme: str) -> Theme:
    """Return a reseller's colour as it is worn in the theme ``light`` or ``dark``."""
    chosen, (surface, ground) = read_color(brand_color), _GROUNDS[theme]
    brand = readable(chosen, (surface,), _FOR_PARTS)
    on_brand = text_on(brand)
    away = BLACK if on_brand == WHITE else WHITE  # further from the text, so that it stays readable
    soft = mixed(surface, brand, 12)
    return Theme(
        brand=hex_of(brand),
        on_brand=hex_of(on_brand),
        hover=hex_of(mixed(brand, away, 16)),
        active=hex_of(mixed(brand, away, 28)),
        text=hex_of(readable(brand, (surface, ground, soft), _FOR_TEXT)),
        soft=hex_of(soft),
        line=hex_of(mixed(surface, brand, 36)),
        is_as_chosen=brand == chosen,
    )


def _side_tokens(brand_color: str) -> dict[str, str]:
    """Return the colours of the side beside a sign-in form: deep in both themes, with light text."""
    chosen = read_color(brand_color)
    deep = mixed(chosen, BLACK, 45)
    side = next(
        (
            one
            for one in (mixed(deep, BLACK, percent) for percent in range(101))
            if contrast(WHITE, one) >= _FOR_LARGE_GROUNDS
        ),
        BLACK,
    )
    return {
        "--ct-side": hex_of(side),
        "--ct-side-deco": hex_of(mixed(side, WHITE, 8)),
        "--ct-side-text": hex_of(mixed(side, WHITE, 88)),
        "--ct-side-muted": hex_of(mixed(side, WHITE, 74)),
        "--ct-side-accent": hex_of(readable(chosen, (side,), _FOR_TEXT)),
    }


def _rule(selector: str, tokens: dict[str, str]) -> str:
    return f"{selector}{{{';'.join(f'{name}:{value}' for name, value in tokens.items())}}}"


def brand_sheet(brand_color: str) -> str:
    """Return the style sheet that puts a reseller's colour over the product's; nothing without a colour."""
    if not brand_color:
        return ""
    dark = theme_of(brand_color, "dark").tokens()
    return "\n".join(
        (
            _rule(":root", theme_of(brand_color, "light").tokens() | _side_tokens(brand_color)),
            "@media screen and (prefers-color-scheme:dark){"
            + _rule(':root:not([data-theme="light"])', dark)
            + "}",
            "@media screen{" + _rule(':root[data-theme="dark"]', dark) + "}",
            "",
        )
    )
