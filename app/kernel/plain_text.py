"""What a text that people type may consist of."""

import unicodedata

# Embeddings, overrides and isolates turn around what stands beside them: a name could read as another one. The marks
# U+200E and U+200F, which Arabic and Hebrew texts need, turn around nothing.
_TURNS_DIRECTION = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_BETWEEN_LINES = "\n\r\t"


def has_control_characters(text: str, *, may_have_lines: bool = False) -> bool:
    """Does `text` have characters that cannot be stored or printed, or that turn the direction of writing?"""
    if text.isprintable():  # the common case
        return False
    allowed = _BETWEEN_LINES if may_have_lines else ""
    return any(
        one in _TURNS_DIRECTION or (unicodedata.category(one) == "Cc" and one not in allowed) for one in text
    )
