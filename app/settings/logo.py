"""What a logo may be, decided by its bytes and never by its name: PNG, JPEG or WebP, small enough for every page.

SVG is refused: it is a document that can carry scripts.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.errors import Invalid

LARGEST_BYTES = 512 * 1024
SMALLEST_SIDE, LARGEST_SIDE = 16, 2000

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Logo:
    """An image that was looked at: its bytes, its type and its size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def read_logo(content: bytes) -> Logo:
    """Return the image in ``content``; raises ``Invalid`` on the field ``logo`` when it cannot be one."""
    if len(content) > LARGEST_BYTES:
        raise Invalid(_("This file is larger than 512 KB. Choose a smaller image."), field="logo")
    found = _png(content) or _jpeg(content) or _webp(content)
    if found is None:
        raise Invalid(_("Choose an image in PNG, JPEG or WebP format."), field="logo")
    media_type, width, height = found
    if not (SMALLEST_SIDE <= width <= LARGEST_SIDE and SMALLEST_SIDE <= height <= LARGEST_SIDE):
        raise Invalid(
            _(
                "This image is %(width)s × %(height)s pixels. Each side must have %(low)s to %(high)s pixels.",
                width=width,
                height=height,
                low=SMALLEST_SIDE,
                high=LARGEST_SIDE,
            ),
            field="logo",
        )
    return Logo(content, media_type, width, height)


def _png(data: bytes) -> tuple[str, int, int] | None:
    if len(data) < 33 or not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR":
        return None
    return "image/png", int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _jpeg(data: bytes) -> tuple[str, int, int] | None:
    """Walk the segments up to the first frame header, which holds the size."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAME_MARKERS:
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
            return "image/jpeg", width, height
        length = int.from_bytes(data[at + 2 : at + 4])
        at += 1 if marker == 0xFF else 2 + max(length, 2)
    return None


def _webp(data: bytes) -> tuple[str, int, int] | None:
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width = int.from_bytes(data[26:28], "little") & 0x3FFF
        height = int.from_bytes(data[28:30], "little") & 0x3FFF
    else:
        return None
    return "image/webp", width, height
