"""How the numbers of statements are printed: a format of the reseller's.

A format holds ``{number}`` once, perhaps filled up with zeros (``{number:5}``), and may hold ``{year}`` and ``{month}``
of the day of issue: ``HC-{year}-{number:5}`` prints HC-2026-00042. The counter goes on whatever the format is, so two
statements never have the same number.
"""

from __future__ import annotations

import datetime
import re

from flask_babel import gettext as _

from app.errors import Invalid

#: What a format may look like, piece by piece: plain characters that can stand in a file's name, or a part in braces.
_PIECE = re.compile(r"[A-Za-z0-9 ._\-]+|\{year\}|\{month\}|\{number(?::(?P<width>[1-9]))?\}")
LONGEST_FORMAT = 40
LARGEST_NUMBER = 999_999_999


def check_number_format(text: str) -> None:
    """Raise ``Invalid`` beside ``number_format`` for what is no format."""
    rest, numbers = text, 0
    while rest:
        piece = _PIECE.match(rest)
        if piece is None:
            raise Invalid(
                _(
                    "Use letters, digits, spaces, - . _ and the parts {year}, {month}, {number} or {number:5}; "
                    "this is none of them: %(rest)s",
                    rest=rest[:20],
                ),
                field="number_format",
            )
        numbers += piece.group().startswith("{number")
        rest = rest[piece.end() :]
    if numbers != 1:
        raise Invalid(_("Put {number} in once: it counts the statements."), field="number_format")


def number_text(number_format: str, number: int, issued_on: datetime.date) -> str:
    """Return a number as it is printed."""

    def filled(piece: re.Match[str]) -> str:
        text = piece.group()
        if text == "{year}":
            return f"{issued_on.year:04d}"
        if text == "{month}":
            return f"{issued_on.month:02d}"
        if text.startswith("{number"):
            return str(number).zfill(int(piece.group("width") or 1))
        return text

    return _PIECE.sub(filled, number_format)
