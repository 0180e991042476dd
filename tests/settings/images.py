"""The smallest images that say what they are: enough for a reader of headers."""

from __future__ import annotations


def png(width: int = 120, height: int = 40) -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
        + width.to_bytes(4)
        + height.to_bytes(4)
        + b"\x08\x06\x00\x00\x00"
        + bytes(12)
    )


def jpeg(width: int = 120, height: int = 40) -> bytes:
    comment = b"\xff\xfe\x00\x06note"
    frame = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x03" + bytes(9)
    return b"\xff\xd8" + comment + frame + b"\xff\xd9"


def webp_lossy(width: int = 120, height: int = 40) -> bytes:
    frame = b"\x10\x00\x00\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"RIFF\x1a\x00\x00\x00WEBPVP8 \x0e\x00\x00\x00" + frame + bytes(4)


def webp_lossless(width: int = 120, height: int = 40) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0e\x00\x00\x00\x2f" + bits.to_bytes(4, "little") + bytes(8)


def webp_extended(width: int = 120, height: int = 40) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\x1a\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + size
