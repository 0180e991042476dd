"""Where the record of an entry can be looked at. The slices announce it, so that the log knows none of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import and_, exists, or_, select

from app.audit.models import AuditEntry
from app.extensions import db
from app.shell.context import may


@dataclass(frozen=True, slots=True)
class Place:
    """A page: ``address`` takes the entry and answers None where there is none.

    The page is there as long as the row of ``model`` is whose id the entry holds in ``key``; without a model always.
    """

    address: Callable[[Any], str | None]
    model: type[Any] | None = None
    key: str = "record_id"


#: By kind of record and the right that its page needs.
_PLACES: dict[tuple[str, tuple[str, str]], Place] = {}


def add_place(record_type: str, right: tuple[str, str], place: Place) -> None:
    """Announce the page of a kind of record. ``right`` is (verb, subject)."""
    _PLACES[record_type, right] = place


def add_record_page(
    record_type: str, model: type[Any], right: tuple[str, str], endpoint: str, argument: str = "pk"
) -> None:
    """Announce a page that every record of its kind has and that goes with it."""

    def address(entry: Any) -> str | None:
        if entry.action == "deleted" or entry.record_id is None or entry.customer_id is not None:
            return None
        return url_for(endpoint, **{argument: entry.record_id})

    add_place(record_type, right, Place(address, model))


def addresses_of(entries: Sequence[AuditEntry]) -> list[str | None]:
    """Return for each entry where the signed-in person can look at what it tells of, None where that is gone.

    What belongs to a customer and has no place of its own leads to the customer. One statement asks for all entries.
    """
    found = [_place_of(entry) for entry in entries]
    asked: defaultdict[tuple[type[Any], str], list[int]] = defaultdict(list)
    for entry, (place, _address) in zip(entries, found, strict=True):
        if place.model is not None:
            asked[place.model, place.key].append(entry.id)
    there = _still_there(asked) if asked else set()
    return [
        address if place.model is None or entry.id in there else None
        for entry, (place, address) in zip(entries, found, strict=True)
    ]


def _place_of(entry: AuditEntry) -> tuple[Place, str | None]:
    kinds = [entry.record_type] + (["customer"] if entry.customer_id is not None else [])
    for kind in kinds:
        for (record_type, right), place in _PLACES.items():
            if record_type == kind and may(*right):
                address = place.address(entry)
                if address is not None:
                    return place, address
    return Place(lambda _entry: None), None


def _still_there(asked: dict[tuple[type[Any], str], list[int]]) -> set[int]:
    """Return the ids of the entries whose record the scope in force still sees."""
    conditions = [
        and_(AuditEntry.id.in_(ids), exists().where(model.id == getattr(AuditEntry, key)))
        for (model, key), ids in sorted(asked.items(), key=lambda item: (item[0][0].__name__, item[0][1]))
    ]
    return set(db.session.scalars(select(AuditEntry.id).where(or_(*conditions))))
