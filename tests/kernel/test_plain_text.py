"""Texts hold nothing that cannot be printed and nothing that turns around what stands beside it."""

import pytest

from app.kernel.plain_text import has_control_characters


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x85", *map(chr, range(0x202A, 0x202F))])
def test_controls_and_overrides_are_found(character: str) -> None:
    assert has_control_characters(f"a{character}b")
    assert has_control_characters(f"a{character}b", may_have_lines=True)


@pytest.mark.parametrize("character", ["\u2066", "\u2067", "\u2068", "\u2069"])
def test_isolates_are_found(character: str) -> None:
    assert has_control_characters(f"a{character}b")


@pytest.mark.parametrize(
    "text", ["", "Zoë & Co.", "شركة\u200f", "חברה\u200e GmbH", "👩\u200d👧", "a\u00a0", "क्\u200dष"]
)
def test_what_languages_need_stays(text: str) -> None:
    assert not has_control_characters(text)


def test_lines_are_for_long_texts() -> None:
    assert has_control_characters("a\nb")
    assert not has_control_characters("a\r\n\tb", may_have_lines=True)
