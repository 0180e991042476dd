"""The key under which two spellings are the same name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller GmbH", "MULLER gmbh"),
        ("Straße", "STRASSE"),
        ("Ångström", "Ångström"),
        ("ﬁrst", "First"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("  two \t words\u00a0here ", "two words here"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07", "bell"),
        ("İstanbul", "istanbul"),
        ("\u202eright", "right"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("half\ud800", "half"),
        ("❤️", "❤"),
    ],
)
def test_same_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("か", "が"), ("की", "कि"), ("Acme 1", "Acme 2"), ("กี", "กิ"), ("a-b", "ab")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_nothing_visible_is_an_empty_key() -> None:
    assert fold(" \u200b\x00\n") == ""


@given(st.text())
def test_folding_a_key_changes_nothing(text: str) -> None:
    key = fold(text)

    assert fold(key) == key
    assert key == key.strip()
    key.encode()


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_case_never_matters_for_latin_names(text: str) -> None:
    assert fold(text.upper()) == fold(text.upper().lower())
