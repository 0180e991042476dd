"""Reads pages as a browser would: links, forms with what they hold, scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

Values = dict[str, Any]


@dataclass
class Field:
    """One control of a form. ``options`` are the values that can be chosen, None where anything can be typed."""

    name: str
    kind: str
    value: str = ""
    options: list[str] | None = None
    chosen: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def values(self) -> Values:
        """Return what the browser would send if nobody touched anything; without the token."""
        sent: Values = {}
        for one in self.fields.values():
            if one.name == "csrf_token" or one.kind == "file":
                continue
            if one.options is None:
                sent[one.name] = one.value
            elif one.chosen:
                sent[one.name] = one.chosen if len(one.chosen) > 1 else one.chosen[0]
            elif one.kind == "select" and one.options:
                sent[one.name] = one.options[0]
        return sent

    def typed(self) -> list[str]:
        """Return the names of the fields into which anything can be typed."""
        return [
            one.name
            for one in self.fields.values()
            if one.options is None and one.kind not in ("hidden", "file")
        ]

    def chosen_from(self) -> list[str]:
        """Return the names of the fields that offer a list."""
        return [one.name for one in self.fields.values() if one.options is not None]


#: A comment, a tag, and within a tag an attribute: enough for pages that templates write, and several times as fast as
#: ``html.parser``, which the tests would spend minutes in.
TAG = re.compile(r"""<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL)
ATTRIBUTE = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
#: What stands in these is text up to their own end, whatever it looks like.
TEXT_ONLY = ("script", "style", "textarea", "title")
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster")


class Page:
    """What a page holds."""

    def __init__(self, text: str) -> None:
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.scripts: list[dict[str, str]] = []
        self.styles: list[dict[str, str]] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._owned: dict[str, Form] = {}
        self._read(text)

    def _read(self, text: str) -> None:
        position = 0
        while found := TAG.search(text, position):
            position = found.end()
            if not found[2]:
                continue
            tag = found[2].lower()
            if found[1]:
                self._end(tag)
                continue
            inside = ""
            if tag in TEXT_ONLY:
                ends = text.find(f"</{tag}", position)
                assert ends >= 0, f"{tag} has no end"
                inside, position = text[position:ends], ends
            self._start(tag, found[3], inside)

    def _start(self, tag: str, written: str, inside: str) -> None:
        given = {
            one[1].lower(): unescape(one[2] or one[3] or one[4] or "") for one in ATTRIBUTE.finditer(written)
        }
        self.attributes |= given.keys()
        self.addresses += [given[name] for name in ADDRESSES if name in given]
        if tag in ("a", "link", "img", "script", "iframe"):
            self.links += [given[name] for name in ("href", "src") if given.get(name)]
        if tag in ("script", "style"):
            (self.scripts if tag == "script" else self.styles).append(given)
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
            if given.get("id"):
                self._owned[given["id"]] = self._form
        elif tag == "option" and self._select is not None:
            value = given.get("value", "")
            assert self._select.options is not None
            self._select.options.append(value)
            if "selected" in given:
                self._select.chosen.append(value)
        elif tag in ("input", "select", "textarea") and given.get("name"):
            form = self._owned.get(given.get("form", ""), self._form)
            if form is not None:
                self._control(form, tag, given, inside)

    def _control(self, form: Form, tag: str, given: dict[str, str], inside: str) -> None:
        name = given["name"]
        if tag == "select":
            self._select = form.fields[name] = Field(name, "select", options=[])
        elif tag == "textarea":
            form.fields[name] = Field(name, "textarea", unescape(inside).removeprefix("\n"))
        elif given.get("type") in ("checkbox", "radio"):
            one = form.fields.setdefault(name, Field(name, given["type"], options=[]))
            value = given.get("value", "on")
            if one.options is None:  # a hidden field before the boxes: chosen always
                one.kind, one.options, one.chosen = given["type"], [one.value], [one.value]
            one.options.append(value)
            if "checked" in given:
                one.chosen.append(value)
        else:
            form.fields[name] = Field(name, given.get("type", "text"), given.get("value", ""))

    def _end(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None


def is_page(answer: Any) -> bool:
    """Is the answer a page, and not a file?"""
    return bool(answer.mimetype == "text/html")


def read(answer: Any) -> Page:
    """Return what the page of an answer holds."""
    return Page(answer.text if is_page(answer) else "")
