"""What is wrong with a text that somebody wrote for a mail, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from flask_babel import gettext as _

from app.notifications.events import Event
from app.notifications.markup import (
    SCHEMES,
    SLOT,
    TAGS,
    Block,
    Inline,
    Slot,
    Span,
    Value,
    as_text,
    read,
    slots_of,
)

LONGEST_SUBJECT = 200
LONGEST_BODY = 10_000

#: Stands in for an address while its neighbours are looked at.
_MARK = "\N{OBJECT REPLACEMENT CHARACTER}"
_BLANKS, _PUNCTUATION = frozenset(" \n"), ").,;:!?"


def subject_problems(event: Event, subject: str) -> list[str]:
    """Return what keeps a subject from being mailed."""
    found = _variable_problems(event, subject)
    names = {one.upper() for one in SLOT.findall(subject)}
    found += [
        _("Write *|%(name)s|* into the text, not into the subject: subjects are shown in lists.", name=name)
        for name in sorted(names & event.links)
    ]
    if "<" in SLOT.sub("", subject) and _Tags.of(subject):
        found.append(_("A subject is plain text. Take the tags away."))
    return found


def body_problems(event: Event, body: str) -> list[str]:
    """Return what keeps a text from being mailed."""
    found = _variable_problems(event, body) + _tag_problems(body)
    if found:
        return found
    blocks = read(body)
    found = [*_link_problems(event, blocks), *_neighbour_problems(event, blocks)]
    if event.lets_in and event.lets_in not in slots_of(body):
        found.append(
            _(
                "*|%(name)s|* is missing. Without this link nobody can do what the mail is sent for.",
                name=event.lets_in,
            )
        )
    if not found and not as_text(blocks, {name: Value("x") for name in event.names}).strip():
        found.append(_("Write a text."))
    return found


def _variable_problems(event: Event, text: str) -> list[str]:
    names = dict.fromkeys(one.upper() for one in SLOT.findall(text))
    found = [
        _("*|%(name)s|* is no variable of this mail. Choose one of the list.", name=name)
        for name in names
        if name not in event.names
    ]
    rest = SLOT.sub("", text)
    at = min((at for at in (rest.find("*|"), rest.find("|*")) if at >= 0), default=-1)
    if at >= 0:
        part = " ".join(rest[max(0, at - 10) : at + 20].split())
        found.append(
            _(
                "A variable looks like *|NAME|*: letters, digits and _ between the signs. See “%(part)s”.",
                part=part,
            )
        )
    return found


class _Tags(HTMLParser):
    """Collects what a text has that no mail may have."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.all: list[str] = []
        self.foreign: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.others: list[str] = []
        self.links: list[str] = []

    @classmethod
    def of(cls, text: str) -> list[str]:
        reader = cls()
        reader.feed(text)
        reader.close()
        return [*reader.all, *reader.others]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append(tag)
        if tag not in TAGS:
            self.foreign.append(tag)
            return
        self.attributes += [(tag, name) for name, _value in attrs if (tag, name) != ("a", "href")]
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self.all.append(tag)
        if tag not in TAGS:
            self.foreign.append(tag)

    def handle_comment(self, data: str) -> None:
        self.others.append("<!-- … -->")

    def handle_decl(self, decl: str) -> None:
        self.others.append("<!…>")

    def unknown_decl(self, data: str) -> None:
        self.others.append("<![…]>")

    def handle_pi(self, data: str) -> None:
        self.others.append("<?…>")


def _tag_problems(body: str) -> list[str]:
    tags = _Tags()
    tags.feed(body)
    tags.close()
    found = [
        _(
            "Take <%(tag)s> away. Mails may have: %(tags)s. Where the sign itself is meant, write &lt;.",
            tag=tag[:40],
            tags=", ".join(TAGS),
        )
        for tag in dict.fromkeys(tags.foreign)
    ]
    found += [
        _(
            "Take %(name)s away from <%(tag)s>: links have href, other tags have nothing.",
            tag=tag,
            name=name[:40],
        )
        for tag, name in dict.fromkeys(tags.attributes)
    ]
    found += [_("Take %(what)s away: it is no text.", what=what) for what in dict.fromkeys(tags.others)]
    if not found and any(not _is_address(one) for one in tags.links):
        found.append(
            _(
                "A link leads to an address that begins with https://, http:// or mailto:, or to a variable alone."
            )
        )
    return found


def _is_address(href: str) -> bool:
    href = href.strip()
    if SLOT.fullmatch(href):
        return True
    scheme, colon, rest = href.partition(":")
    is_known = scheme.lower() in SCHEMES and bool(rest.strip("/"))
    return bool(colon) and is_known and not SLOT.search(href) and not any(one.isspace() for one in href)


def _spans(run: tuple[Inline, ...]) -> Iterator[Span]:
    for one in run:
        if isinstance(one, Span):
            yield one
            yield from _spans(one.inside)


def _link_problems(event: Event, blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield what is wrong with where links lead: to a variable that is no address, or elsewhere than they show."""
    for link in (one for block in blocks for one in _spans(block.inside) if one.tag == "a"):
        shown = {one.name for one in link.inside if isinstance(one, Slot)} | {
            inner.name for span in _spans(link.inside) for inner in span.inside if isinstance(inner, Slot)
        }
        if isinstance(link.href, Slot) and link.href.name not in event.links:
            yield _(
                "*|%(name)s|* is no address, and no link can lead there. These are: %(links)s.",
                name=link.href.name,
                links=", ".join(f"*|{one}|*" for one in sorted(event.links)) or "–",
            )
        wrong = {one for one in shown & event.links if link.href != Slot(one)}
        if wrong:
            yield _("A link that shows *|%(name)s|* has to lead there.", name=sorted(wrong)[0])


def _neighbour_problems(event: Event, blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield where an address of ours would become part of somebody else's, and be sent there when it is followed."""
    for name in sorted(event.links):
        values = {one: Value("x") for one in event.names} | {name: Value(_MARK, is_link=True)}
        # A mark is no address, so that links to it show only what stands between their tags.
        text = f"  {as_text(blocks, values)} "
        for at, sign in enumerate(text):
            if sign == _MARK and not _stands_alone(text, at):
                yield _(
                    "Leave a blank before and after *|%(name)s|*, or put it into a paragraph of its own.",
                    name=name,
                )
                break


def _stands_alone(text: str, at: int) -> bool:
    before = text[at - 2 : at - 1] if text[at - 1] == "(" else text[at - 1]
    after = text[at + 1 :].lstrip(_PUNCTUATION)[:1]
    return before in _BLANKS and after in _BLANKS
