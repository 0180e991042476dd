"""What a person does in a browser, in a handful of verbs, so that one story runs in Chromium and in Firefox.

Things are named by the words that stand on the page: ``link("Customers")``, ``button("Save customer")``.
Every name becomes an XPath, which both browsers' drivers understand.
"""

from __future__ import annotations

from typing import Protocol


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"'{text}'"


def _own_text(text: str) -> str:
    """The element's own words, whatever icons, badges or hidden words stand beside them."""
    return f"text()[normalize-space()={_quoted(text)}]"


def link(text: str) -> str:
    return f"//a[{_own_text(text)}]"


def button(text: str) -> str:
    return f"//button[{_own_text(text)}]"


def heading(text: str) -> str:
    return f"//*[self::h1 or self::h2][{_own_text(text)} or *[{_own_text(text)}]]"


def summary(text: str) -> str:
    return f"//summary[{_own_text(text)}]"


def field(label: str) -> str:
    """The control that a label with these words belongs to, or that is named so for screen readers."""
    named = f"//label[{_own_text(label)}]/@for"
    inside = f"parent::label[{_own_text(label)}]"
    return (
        f"//*[self::input or self::select or self::textarea]"
        f"[@id={named} or {inside} or @aria-label={_quoted(label)}]"
    )


def group_of(label: str) -> str:
    """The box around a field, which says whether the value is valid."""
    return f"{field(label)}/ancestor::*[contains(@class, 'form-group')]"


def words(text: str) -> str:
    """Anything that carries these words on its own."""
    return f"//*[{_own_text(text)}]"


def row(text: str) -> str:
    return f"//tr[.//*[{_own_text(text)}]]"


class Driver(Protocol):
    """One browser with one open page."""

    def open(self, url: str) -> None:
        """Load an address."""

    def follow(self, target: str) -> None:
        """Click something that loads a page, and wait until that page is there."""

    def follow_twice(self, target: str) -> None:
        """Double-click something that loads a page, and wait until that page is there."""

    def click(self, target: str) -> None:
        """Click something that stays on the page."""

    def type(self, target: str, text: str) -> None:
        """Replace what a field holds."""

    def press(self, target: str, key: str, times: int = 1) -> None:
        """Focus something and press a key: ArrowLeft, Home or Enter."""

    def choose(self, target: str, option: str) -> None:
        """Choose an option of a select by its words."""

    def options(self, target: str) -> list[str]:
        """Return the words of all options."""

    def value(self, target: str) -> str:
        """Return what a field holds; of a select the words of the chosen option."""

    def is_on(self, target: str) -> bool:
        """Is a switch or box ticked?"""

    def text(self, target: str) -> str:
        """Return the words a person can read there."""

    def shows(self, target: str) -> bool:
        """Is it there to be seen at this moment?"""

    def wait_for(self, target: str) -> None:
        """Wait until it can be seen."""

    def wait_until_gone(self, target: str) -> None:
        """Wait until it cannot be seen any more."""

    def address(self) -> str:
        """Return the page's address."""

    def reload(self) -> None:
        """Load the page again."""

    def close(self) -> None:
        """Close the browser."""
