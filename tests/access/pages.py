"""Reads pages as a browser would: links, forms with what they hold, scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
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


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.scripts: list[dict[str, str]] = []
        self.styles: list[dict[str, str]] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._area: Field | None = None
        self._owned: dict[str, Form] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.attributes |= set(given)
        self.addresses += [
            given[name] for name in ("href", "src", "action", "formaction", "data", "poster") if name in given
        ]
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
                self._control(form, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given["name"]
        if tag == "select":
            self._select = form.fields[name] = Field(name, "select", options=[])
        elif tag == "textarea":
            self._area = form.fields[name] = Field(name, "textarea")
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

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._area.value = self._area.value.removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data


def is_page(answer: Any) -> bool:
    """Is the answer a page, and not a file?"""
    return bool(answer.mimetype == "text/html")


def read(answer: Any) -> Page:
    """Return what the page of an answer holds."""
    return Page(answer.text if is_page(answer) else "")
