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


def _without_invisible(text: str) -> str:
    """`text` with every kind of space as a plain one and without characters that nobody sees."""
    kept = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) not in _INVISIBLE and not _within(
            character, _VARIATION_SELECTORS
        ):
            kept.append(character)
    return "".join(kept)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(character for character in decomposed if not _within(character, _ACCENT_BLOCKS))


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", _without_invisible(text)).casefold()
    text = unicodedata.normalize("NFKC", _without_accents(text))
    return " ".join(text.split())


def fold(text: str) -> str:
    """The comparison key of `text`: compatibility forms, case, accents and spacing made equal.

    Folding a key again changes nothing, so keys and search terms can be folded wherever they come in.
    """
    folded = _fold_once(text)
    while (again := _fold_once(folded)) != folded:
        folded = again
    return folded
