"""What a PDF of ours says: its text in reading order, its pages and its size, read with nothing but the library.

Typst writes each run of text as glyphs of a font and says beside the font which characters they are.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_REFERENCE = re.compile(rb"/(\w+) (\d+) 0 R")
_STRING = rb"\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f\s]*>"
_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|\[((?:%b|[-\d.\s]+)*)\]\s*TJ|(%b)\s*Tj" % (_STRING, _STRING), re.S)
_PART = re.compile(rb"\(((?:\\.|[^\\)])*)\)|<([0-9A-Fa-f\s]*)>", re.S)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class ReadPdf:
    """The text of each page, and what the file says about itself."""

    pages: tuple[str, ...]
    raw: bytes

    @property
    def text(self) -> str:
        """All pages, with spaces and breaks made one space."""
        return " ".join(" ".join(self.pages).replace("\N{ZERO WIDTH SPACE}", "").replace("\xa0", " ").split())


def read_pdf(content: bytes) -> ReadPdf:
    """Return what a PDF that Typst wrote says."""
    objects = {int(number): body for number, body in _OBJECT.findall(content)}
    pages = []
    for body in objects.values():
        if not re.search(rb"/Type\s*/Page\b(?!s)", body):
            continue
        fonts = _fonts(body, objects)
        found = re.search(rb"/Contents (\d+) 0 R", body)
        pages.append(_text(_stream(objects[int(found[1])]), fonts) if found else "")
    return ReadPdf(tuple(pages), content)


def _stream(body: bytes) -> bytes:
    data = _STREAM.search(body)[1]
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def _fonts(page: bytes, objects: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    resources = re.search(rb"/Resources (\d+) 0 R", page)
    holder = objects[int(resources[1])] if resources else page
    listed = re.search(rb"/Font\s*<<(.*?)>>", holder, re.S)
    if listed is None:
        found = re.search(rb"/Font (\d+) 0 R", holder)
        listed = re.match(rb"(.*)", objects[int(found[1])], re.S) if found else None
    fonts = {}
    for name, number in _REFERENCE.findall(listed[1] if listed else b""):
        table = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        fonts[name] = _characters(_stream(objects[int(table[1])])) if table else {}
    return fonts


def _characters(cmap: bytes) -> dict[int, str]:
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.S):
        for glyph, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.S):
        for low, high, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            first = bytes.fromhex(text.decode()).decode("utf-16-be")
            for step in range(int(high, 16) - int(low, 16) + 1):
                found[int(low, 16) + step] = first[:-1] + chr(ord(first[-1]) + step)
    return found


def _text(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    pieces: list[str] = []
    font: dict[int, str] = {}
    for name, several, one in _SHOWN.findall(content):
        if name:
            font = fonts.get(name, {})
            continue
        run = b"".join(
            bytes.fromhex(hexed.decode()) if hexed else _unescaped(literal)
            for literal, hexed in _PART.findall(several or one)
        )
        glyphs = [int.from_bytes(run[at : at + 2]) for at in range(0, len(run), 2)]
        pieces.append("".join(font.get(glyph, "") for glyph in glyphs))
    return " ".join(pieces)


def _unescaped(literal: bytes) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        what = found[1]
        return bytes([int(what, 8)]) if what.isdigit() else _ESCAPES.get(what, what)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, literal, flags=re.S)
