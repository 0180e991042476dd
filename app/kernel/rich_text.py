"""Formatted text that people write for others to read: a short list of tags, and nothing that runs or loads."""

import re
from collections.abc import Set as AbstractSet

import nh3
from markupsafe import Markup

#: For a few sentences.
SHORT_TAGS = frozenset({"p", "br", "strong", "b", "em", "i", "a", "ul", "ol", "li"})
#: For a document.
LONG_TAGS = SHORT_TAGS | {"h2", "h3", "h4", "blockquote", "hr"}

_SCHEMES = {"http", "https", "mailto"}
_HAS_LAYOUT = re.compile(r"<(?:p|br|ul|ol|li|h[1-6]|blockquote|div)\b", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_BLANK_LINES = re.compile(r"(?:[ \t]*\n){2,}")


def rich_text(text: str, *, tags: AbstractSet[str] = SHORT_TAGS) -> str:
    """Return ``text`` with these tags, and with links to pages and addresses, as all that is left of its markup.

    A text without any layout of its own gets it from its lines: a blank line begins a paragraph.
    """
    text = text.replace("\r\n", "\n").strip()
    if text and not _HAS_LAYOUT.search(text):
        paragraphs = _BLANK_LINES.split(text)
        text = "\n".join(f"<p>{one.strip().replace(chr(10), '<br>')}</p>" for one in paragraphs)
    clean = nh3.clean(
        text,
        tags=set(tags),
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        clean_content_tags={"script", "style", "title", "textarea", "iframe", "noscript"},
        strip_comments=True,
    )
    return clean if plain_text(clean) else ""


def as_typed(html: str) -> str:
    """Return stored text for a field in which it is edited: paragraphs alone are lines again, tags elsewhere stay."""
    inside = _PARAGRAPH.findall(html)
    if (
        not inside
        or _HAS_LAYOUT.search("".join(inside).replace("<br>", ""))
        or _PARAGRAPH.sub("", html).strip()
    ):
        return html
    return "\n\n".join(one.replace("<br>", "\n").strip() for one in inside)


def plain_text(html: str) -> str:
    """Return what remains of formatted text without its tags, on one line."""
    text = Markup(nh3.clean(html.replace("<", " <"), tags=set()))  # noqa: S704 - no tag is left
    return " ".join(text.unescape().split())


def as_markup(stored: str) -> Markup:
    """Return stored text for a page; it is cleaned once more, whatever has become of it meanwhile."""
    return Markup(rich_text(stored, tags=LONG_TAGS))  # noqa: S704 - rich_text escapes
