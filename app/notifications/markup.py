"""What people write in a mail: paragraphs, a few tags, and variables such as ``*|NAME|*``.

A blank line begins a paragraph, a line break stays one, and a link that stands alone in its paragraph is a button.
From one such text come both parts of a mail. It is taken apart first, into blocks of words, tags and variables; what a
variable stands for is put in only then, word for word, so that nothing in it is ever read as a tag or as another
variable, and no template engine runs on what people write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

import nh3
from markupsafe import Markup, escape

#: ``*|NAME|*``; small letters are forgiven.
SLOT = re.compile(r"\*\|\s*([A-Za-z][A-Za-z0-9_]{0,59})\s*\|\*")

INLINE_TAGS = ("b", "strong", "i", "em", "u", "small", "a")
BLOCK_TAGS = ("p", "h2", "ul", "ol", "li", "blockquote")
TAGS = (*INLINE_TAGS, *BLOCK_TAGS, "br", "hr")
SCHEMES = ("https", "http", "mailto")

_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


# -- what a text consists of -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a variable's value."""

    name: str


@dataclass(frozen=True, slots=True)
class Break:
    """A line break."""


@dataclass(frozen=True, slots=True)
class Span:
    """A tag within a paragraph. ``href`` is where a link leads: an address, or a variable that holds one."""

    tag: str
    inside: tuple[Inline, ...]
    href: str | Slot | None = None


Inline = Words | Slot | Break | Span


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, quotation, item of a list, or rule. ``list_tag`` and ``list_number`` say of which list."""

    tag: str
    inside: tuple[Inline, ...] = ()
    list_tag: str = ""
    list_number: int = 0

    @property
    def button(self) -> Span | None:
        """The link that is all that this paragraph holds."""
        only = self.inside[0] if self.tag == "p" and len(self.inside) == 1 else None
        return only if isinstance(only, Span) and only.tag == "a" and only.href is not None else None


# -- taking apart ------------------------------------------------------------------------------------------------------


def _slot_of(text: str) -> Slot | None:
    found = SLOT.fullmatch(text.strip())
    return Slot(found[1].upper()) if found else None


def sanitised(source: str) -> str:
    """Return ``source`` as well-formed HTML that holds nothing beside ``TAGS`` and links."""
    return nh3.clean(
        source.replace("\r\n", "\n").replace("\r", "\n"),
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
        url_relative=lambda url: url if _slot_of(url) else None,
        link_rel=None,
    )


class _Reader(HTMLParser):
    """Makes blocks of sanitised HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.tag = "p"
        self.lists: list[tuple[str, int]] = []
        self.list_count = 0
        self.run: list[Inline] = []
        self.open: list[tuple[str, str | Slot | None, list[Inline]]] = []  # tag, href, what stood before it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.run.append(Break())
        elif tag == "hr":
            self._end_block()
            self.blocks.append(Block("hr"))
        elif tag in INLINE_TAGS:
            address = dict(attrs).get("href") or ""
            href = _slot_of(address) or address.strip() or None
            self.open.append((tag, href, self.run))
            self.run = []
        elif tag in ("ul", "ol"):
            self._end_block()
            self.list_count += 1
            self.lists.append((tag, self.list_count))
        elif tag in BLOCK_TAGS:
            self._end_block()
            self.tag = tag

    def handle_endtag(self, tag: str) -> None:
        if tag in INLINE_TAGS:
            if tag in [one[0] for one in self.open]:
                while self._close_span() != tag:
                    pass
        elif tag in BLOCK_TAGS:
            self._end_block()
            self.tag = "p"
            if tag in ("ul", "ol") and self.lists:
                self.lists.pop()

    def handle_data(self, data: str) -> None:
        for number, part in enumerate(_BLANK_LINE.split(data)):
            if number:
                self._end_block()
            for line_number, line in enumerate(part.split("\n")):
                if line_number:
                    self.run.append(Break())
                self.run.extend(_leaves(line))

    def end(self) -> tuple[Block, ...]:
        self._end_block()
        return tuple(self.blocks)

    def _close_span(self) -> str:
        tag, href, before = self.open.pop()
        inside = tuple(self.run)
        self.run = before
        if inside:
            self.run.append(Span(tag, inside, href))
        return tag

    def _end_block(self) -> None:
        """End the block; what is open goes on in the next one."""
        reopened = [(tag, href) for tag, href, _before in self.open]
        while self.open:
            self._close_span()
        inside = _trimmed(self.run)
        if inside:
            list_tag, number = self.lists[-1] if self.lists and self.tag == "li" else ("", 0)
            self.blocks.append(Block(self.tag, inside, list_tag, number))
        self.run = []
        for tag, href in reopened:
            self.open.append((tag, href, self.run))
            self.run = []


def _leaves(text: str) -> Iterator[Inline]:
    at = 0
    for found in SLOT.finditer(text):
        if found.start() > at:
            yield Words(text[at : found.start()])
        yield Slot(found[1].upper())
        at = found.end()
    if at < len(text):
        yield Words(text[at:])


def _trimmed(run: Sequence[Inline]) -> tuple[Inline, ...]:
    """Return a run without breaks and blanks at its ends."""
    left = list(run)

    def is_blank(one: Inline) -> bool:
        return isinstance(one, Break) or (isinstance(one, Words) and not one.text.strip())

    while left and is_blank(left[0]):
        left.pop(0)
    while left and is_blank(left[-1]):
        left.pop()
    if left and isinstance(left[0], Words):
        left[0] = Words(left[0].text.lstrip())
    if left and isinstance(left[-1], Words):
        left[-1] = Words(left[-1].text.rstrip())
    return tuple(left)


@lru_cache(maxsize=512)
def read(source: str) -> tuple[Block, ...]:
    """Return what a text consists of."""
    reader = _Reader()
    reader.feed(sanitised(source))
    reader.close()
    return reader.end()


def slots_in(run: Iterable[Inline]) -> Iterator[str]:
    """Yield the names of all variables in a run, those that links lead to included."""
    for one in run:
        if isinstance(one, Slot):
            yield one.name
        elif isinstance(one, Span):
            if isinstance(one.href, Slot):
                yield one.href.name
            yield from slots_in(one.inside)


def slots_of(source: str) -> set[str]:
    """Return the names of all variables in a text."""
    return {name for block in read(source) for name in slots_in(block.inside)}


# -- putting together --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable stands for in one mail. ``is_link``: an address of ours. ``has_lines``: breaks stay breaks."""

    text: str
    is_link: bool = False
    has_lines: bool = False


Values = Mapping[str, Value]

_NOTHING = Value("")


def fill_line(source: str, values: Values) -> str:
    """Return a subject: one line of words and values, without tags."""
    return " ".join(SLOT.sub(lambda found: values.get(found[1].upper(), _NOTHING).text, source).split())


def _address(href: str | Slot | None, values: Values) -> str:
    """Return where a link leads; nothing where that is no address that a mail may hold."""
    if isinstance(href, Slot):
        value = values.get(href.name, _NOTHING)
        href = value.text if value.is_link else ""
    return href if href and href.partition(":")[0].lower() in SCHEMES else ""


def as_text(blocks: Sequence[Block], values: Values) -> str:
    """Return the plain part."""
    paragraphs: list[str] = []
    before: Block | None = None
    counts: dict[int, int] = {}
    for block in blocks:
        text = "-" * 20 if block.tag == "hr" else _block_text(block, values).strip()
        if not text:
            continue
        if block.tag == "li":
            counts[block.list_number] = counts.get(block.list_number, 0) + 1
            sign = f"{counts[block.list_number]}." if block.list_tag == "ol" else "-"
            text = f"{sign} {text}".replace("\n", "\n  ")
        elif block.tag == "blockquote":
            text = "> " + text.replace("\n", "\n> ")
        is_next_item = before is not None and block.tag == "li" and before.list_number == block.list_number
        if is_next_item:
            paragraphs[-1] += f"\n{text}"
        else:
            paragraphs.append(text)
        before = block
    return "\n\n".join(paragraphs)


def _block_text(block: Block, values: Values) -> str:
    button = block.button
    if button is not None:
        label, address = _run_text(button.inside, values, in_link=True).strip(), _address(button.href, values)
        return "\n".join(
            part for part in (f"{label}:" if label and address != label else "", address) if part
        )
    lines = _run_text(block.inside, values).split("\n")
    return "\n".join(line.strip() for line in lines)


def _run_text(run: Sequence[Inline], values: Values, *, in_link: bool = False) -> str:
    return "".join(_inline_text(one, values, in_link) for one in run)


def _inline_text(one: Inline, values: Values, in_link: bool) -> str:
    if isinstance(one, Words):
        return one.text
    if isinstance(one, Break):
        return "\n"
    if isinstance(one, Slot):
        return values.get(one.name, _NOTHING).text
    inside = _run_text(one.inside, values, in_link=in_link or one.tag == "a")
    address = _address(one.href, values) if one.tag == "a" and not in_link else ""
    if not address or inside.strip() in (address, address.removeprefix("mailto:")):
        return inside
    return f"{inside} ({address.removeprefix('mailto:')})"


_INK, _QUIET, _LINE = "#1b1f27", "#5b6472", "#d9dde4"


@dataclass(frozen=True, slots=True)
class Colors:
    """What of a mail wears somebody's colour: the button, the text on it, and links."""

    button: str
    on_button: str
    link: str


#: The product's own colours, on light paper and in programs that show mails on dark.
OWN_COLORS = Colors("#0c536c", "#ffffff", "#0c536c")
OWN_DARK_COLORS = Colors("#58b6d1", "#04141b", "#7cbed4")

#: How each kind of block looks: styles stand in the tags, because mail programs drop most others. The classes are for
#: the dark colours of the layout.
_BLOCK_LOOKS = {
    "p": f'<p style="margin:0 0 16px;color:{_INK}">{{}}</p>',
    "quiet": f'<p class="quiet" style="margin:0 0 12px;font-size:14px;line-height:20px;color:{_QUIET}">{{}}</p>',
    "h2": f'<h2 style="margin:0 0 12px;font-size:16px;line-height:24px;color:{_INK}">{{}}</h2>',
    "blockquote": f'<blockquote style="margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid {_LINE};'
    f'color:{_INK}">{{}}</blockquote>',
    "li": f'<li style="margin:0 0 4px;color:{_INK}">{{}}</li>',
    "ul": '<ul style="margin:0 0 16px;padding:0 0 0 22px">{}</ul>',
    "ol": '<ol style="margin:0 0 16px;padding:0 0 0 22px">{}</ol>',
    "hr": f'<hr style="margin:0 0 16px;border:0;border-top:1px solid {_LINE}">',
    "button": '<p style="margin:0 0 16px"><a class="button" href="{}" style="display:inline-block;padding:11px 20px;'
    'border-radius:6px;background:{};color:{};font-weight:600;text-decoration:none">{}</a></p>',
    "address": '<p style="margin:0 0 16px;font-size:14px;line-height:20px;word-break:break-all">{}</p>',
}
_LOOKS = {tag: Markup(look) for tag, look in _BLOCK_LOOKS.items()}  # noqa: S704 - written above
_LINK = Markup('<a class="link" href="{}" style="color:{}">{}</a>')
_SPANS = {tag: Markup(f"<{tag}>{{}}</{tag}>") for tag in INLINE_TAGS if tag != "a"}  # noqa: S704 - our own tags


def as_html(blocks: Sequence[Block], values: Values, colors: Colors = OWN_COLORS) -> Markup:
    """Return the HTML part, without the frame around it."""
    parts: list[Markup] = []
    items: list[Markup] = []
    for number, block in enumerate(blocks):
        if block.tag == "hr":
            parts.append(_LOOKS["hr"])
        elif _block_text(block, values).strip():
            (items if block.tag == "li" else parts).append(_block_html(block, values, colors))
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        if items and (following is None or following.list_number != block.list_number):
            parts.append(_LOOKS[block.list_tag or "ul"].format(Markup("\n").join(items)))
            items = []
    return Markup("\n").join(parts)


def _block_html(block: Block, values: Values, colors: Colors) -> Markup:
    button = block.button
    address = _address(button.href, values) if button is not None else ""
    if button is not None and address:
        shown = _LINK.format(address, colors.link, address.removeprefix("mailto:"))
        pressed = _LOOKS["button"].format(
            address, colors.button, colors.on_button, _run_html(button.inside, values, colors, in_link=True)
        )
        return pressed + Markup("\n") + _LOOKS["address"].format(shown)
    only = block.inside[0] if len(block.inside) == 1 else None
    is_quiet = block.tag == "p" and isinstance(only, Span) and only.tag == "small"
    inside = only.inside if is_quiet and isinstance(only, Span) else block.inside
    return _LOOKS["quiet" if is_quiet else block.tag].format(_run_html(inside, values, colors))


def _run_html(run: Sequence[Inline], values: Values, colors: Colors, *, in_link: bool = False) -> Markup:
    return Markup("").join(_inline_html(one, values, colors, in_link) for one in run)


def _inline_html(one: Inline, values: Values, colors: Colors, in_link: bool) -> Markup:
    if isinstance(one, Words):
        return escape(one.text)
    if isinstance(one, Break):
        return Markup("<br>\n")
    if isinstance(one, Slot):
        return _value_html(values.get(one.name, _NOTHING), colors, in_link)
    address = _address(one.href, values) if one.tag == "a" and not in_link else ""
    inside = _run_html(one.inside, values, colors, in_link=in_link or bool(address))
    if one.tag == "a":
        return _LINK.format(address, colors.link, inside) if address else inside
    return _SPANS[one.tag].format(inside)


def _value_html(value: Value, colors: Colors, in_link: bool) -> Markup:
    if value.is_link and not in_link:
        address = _address(value.text, {})
        return _LINK.format(address, colors.link, value.text) if address else Markup("")
    if value.has_lines:
        return Markup("<br>\n").join(escape(line) for line in value.text.split("\n"))
    return escape(value.text)
