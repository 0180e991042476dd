"""One key for names that people take for the same: the uniqueness and search key."""

import unicodedata

# Blocks of accents that sit on Latin, Greek and Cyrillic letters. Marks of other scripts (vowel signs, voicing
# marks, tone signs) change the word and therefore stay.
_ACCENT_BLOCKS = (
    (0x0300, 0x036F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
)
_VARIATION_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_INVISIBLE = ("Cc", "Cf", "Cs", "Cn", "Co")


def _within(character: str, blocks: tuple[tuple[int, int], ...]) -> bool:
    code = ord(character)
    return any(first <= code <= last for first, last in blocks)


class _Visible(dict[int, str | None]):
    """For `str.translate`: every kind of space as a plain one, characters that nobody sees as nothing."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        seen: str | None = character
        if character.isspace():
            seen = " "
        elif unicodedata.category(character) in _INVISIBLE or _within(character, _VARIATION_SELECTORS):
            seen = None
        self[code] = seen
        return seen


class _Unaccented(dict[int, str | None]):
    """For `str.translate`: accents of decomposed text as nothing."""

    def __missing__(self, code: int) -> str | None:
        self[code] = None if _within(chr(code), _ACCENT_BLOCKS) else chr(code)
        return self[code]


_VISIBLE = _Visible()
_UNACCENTED = _Unaccented()


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_VISIBLE)).casefold()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).translate(_UNACCENTED))
    return " ".join(text.split())


def fold(text: str) -> str:
    """The comparison key of `text`: compatibility forms, case, accents and spacing made equal.

    Folding a key again changes nothing, so keys and search terms can be folded wherever they come in.
    """
    if text.isascii() and text.isprintable():  # the common case; the long way ends at the same key
        return " ".join(text.lower().split())
    folded = _fold_once(text)
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded
