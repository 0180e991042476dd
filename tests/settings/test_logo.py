"""What a logo may be: decided by its bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.errors import Invalid
from app.settings.logo import LARGEST_BYTES, read_logo
from tests.settings import images


@pytest.mark.parametrize(
    ("make", "media_type"),
    [
        (images.png, "image/png"),
        (images.jpeg, "image/jpeg"),
        (images.webp_lossy, "image/webp"),
        (images.webp_lossless, "image/webp"),
        (images.webp_extended, "image/webp"),
    ],
)
def test_the_three_formats_are_read_with_their_size(make: Callable[..., bytes], media_type: str) -> None:
    logo = read_logo(make(300, 77))

    assert (logo.media_type, logo.width, logo.height) == (media_type, 300, 77)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20),
        b"\xff\xd8\xff" + b"\xff" * 200,
        b"RIFF\x00\x00\x00\x00WEBPXXXX" + bytes(40),
        b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(40),
        b"%PDF-1.7" + bytes(40),
    ],
)
def test_everything_else_is_refused_on_the_field(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        read_logo(content)

    assert refusal.value.field == "logo"


@pytest.mark.parametrize(
    ("width", "height"), [(15, 40), (40, 15), (2001, 40), (40, 2001), (0, 0), (60_000, 60_000)]
)
def test_sides_outside_the_limits_are_refused(width: int, height: int) -> None:
    with pytest.raises(Invalid, match="pixels"):
        read_logo(images.png(width, height))


def test_a_file_may_have_512_kb_and_no_byte_more() -> None:
    image = images.png()
    full = image + bytes(LARGEST_BYTES - len(image))

    assert read_logo(full).media_type == "image/png"
    with pytest.raises(Invalid, match="512 KB"):
        read_logo(full + b"\x00")
