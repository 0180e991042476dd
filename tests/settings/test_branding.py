"""A reseller's colour in both themes: all that is written or drawn in it can be read, whatever was chosen."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.colors import contrast, hex_of, read_color
from app.settings.branding import brand_sheet, theme_of
from config import ROOT

COLORS = st.tuples(*(st.integers(0, 255) for _ in range(3))).map(hex_of)
SURFACE = {"light": "#ffffff", "dark": "#151a20"}
TOKENS = (ROOT / "app" / "static" / "shell" / "tokens.css").read_text(encoding="utf-8")


def apart(one: str, other: str) -> Decimal:
    return contrast(read_color(one), read_color(other))


@given(COLORS, st.sampled_from(sorted(SURFACE)))
def test_every_colour_can_be_read(color: str, theme: str) -> None:
    worn, surface = theme_of(color, theme), SURFACE[theme]

    assert apart(worn.brand, surface) >= 3
    for ground in (worn.brand, worn.hover, worn.active):
        assert apart(worn.on_brand, ground) >= Decimal("4.5")
    for ground in (surface, worn.soft):
        assert apart(worn.text, ground) >= Decimal("4.5")
    assert worn.on_brand in ("#000000", "#ffffff")
    assert worn.is_as_chosen == (apart(color, surface) >= 3)


@given(COLORS)
def test_the_side_beside_the_form_can_be_read(color: str) -> None:
    tokens = dict(re.findall(r"(--ct-side[a-z-]*):(#[0-9a-f]{6})", brand_sheet(color)))

    assert apart(tokens["--ct-side"], "#ffffff") >= 9
    for name in ("--ct-side-text", "--ct-side-muted", "--ct-side-accent"):
        assert apart(tokens["--ct-side"], tokens[name]) >= Decimal("4.5"), name


@pytest.mark.parametrize("color", ["#ffe600", "#ffffff"])
def test_a_light_colour_is_darkened_on_white_and_stays_in_the_dark(color: str) -> None:
    assert theme_of(color, "light").brand != color
    assert theme_of(color, "dark").brand == color


def test_a_dark_colour_stays_on_white_and_is_lightened_in_the_dark() -> None:
    assert theme_of("#3b1524", "light").brand == "#3b1524"
    assert theme_of("#3b1524", "dark").brand != "#3b1524"


def test_without_a_colour_there_is_no_sheet() -> None:
    assert brand_sheet("") == ""


def test_the_sheet_names_tokens_that_there_are_and_stays_off_paper() -> None:
    sheet = brand_sheet("#7a2c4b")

    assert set(re.findall(r"--ct-[a-z-]+", sheet)) <= set(re.findall(r"--ct-[a-z-]+", TOKENS))
    assert sheet.count("@media screen") == 2
    assert re.sub(r"[-:;#{}()@\[\]=\".,\w\s]", "", sheet) == ""


@pytest.mark.parametrize("theme", sorted(SURFACE))
def test_the_surfaces_are_those_of_the_design(theme: str) -> None:
    assert f"--ct-surface: {SURFACE[theme]};" in TOKENS
