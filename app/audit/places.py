"""Where the record of an entry can be looked at. The slices announce it, so that the log knows none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for

from app.shell.context import may

#: (kind of record, right that its page needs) -> the address for an entry, None where there is none.
_PLACES: dict[tuple[str, tuple[str, str]], Callable[[Any], str | None]] = {}


def add_place(record_type: str, right: tuple[str, str], address: Callable[[Any], str | None]) -> None:
    """Announce the page of a kind of record. ``right`` is (verb, subject); ``address`` takes the entry."""
    _PLACES[record_type, right] = address


def add_record_page(record_type: str, right: tuple[str, str], endpoint: str, argument: str = "pk") -> None:
    """Announce a page that every record of its kind has and that goes with it."""

    def address(entry: Any) -> str | None:
        if entry.action == "deleted" or entry.record_id is None or entry.customer_id is not None:
            return None
        return url_for(endpoint, **{argument: entry.record_id})

    add_place(record_type, right, address)


def address_of(entry: Any) -> str | None:
    """Return where the signed-in person can look at what the entry tells of.

    What belongs to a customer and has no place of its own leads to the customer.
    """
    kinds = [entry.record_type] + (["customer"] if entry.customer_id is not None else [])
    for kind in kinds:
        for (record_type, right), address in _PLACES.items():
            if record_type == kind and may(*right):
                found = address(entry)
                if found is not None:
                    return found
    return None
