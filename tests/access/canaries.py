"""Words that betray somebody else's rows, and how to find them in an answer of any kind."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from typing import Any

from tests.access.actors import ADMIN, ANONYMOUS, CUSTOMER, SOUTH

_SEEN_BY_NO_PLATFORM_ADMIN = (
    "customer {side}canary",
    "other {side}canary",
    "contact customer",
    "account customer",
    "nobody {side}canary",
    "book {side}canary",
    "support {side}canary",
    "vat {side}canary",
    "field {side}canary",
    "sales {side}canary",
    "import {side}canary",
)

#: What the customer's own reseller keeps to itself, and what is another customer's.
_SEEN_BY_NO_CUSTOMER = (
    "southcanary",
    "other northcanary",
    "other@northcanary",
    "contact other",
    "account other",
    "nobody northcanary",
    "inner northcanary",
    "user other",
    "invited other",
    "wanted other",
    "root.other",
    "value customer",
    "book northcanary",
    "support northcanary",
    "vat northcanary",
    "field northcanary",
    "owner northcanary",
    "ops northcanary",
    "sales northcanary",
    "waiting northcanary",
    "import northcanary",
)


def forbidden(actor: str) -> tuple[str, ...]:
    """Return the words, in lower case, that ``actor`` must never read."""
    if actor == ANONYMOUS:
        return ("northcanary", "southcanary")
    if actor == CUSTOMER:
        return _SEEN_BY_NO_CUSTOMER
    if actor == ADMIN:
        return tuple(
            word.format(side=side) for side in ("north", "south") for word in _SEEN_BY_NO_PLATFORM_ADMIN
        )
    return ("northcanary",) if actor == SOUTH else ("southcanary",)


def text_of(answer: Any) -> str:
    """Return everything that can be read in an answer: a page, a table, or the sheets of a workbook."""
    data = answer.get_data()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"\n".join(book.read(name) for name in book.namelist())
    headers = " ".join(value for _name, value in answer.headers)
    return re.sub(r"\s+", " ", unescape(f"{headers} {data.decode('utf-8', 'replace')}")).casefold()


def betrayals(actor: str, answer: Any) -> list[str]:
    """Return the forbidden words that stand in an answer."""
    text = text_of(answer)
    return [word for word in forbidden(actor) if word in text]
