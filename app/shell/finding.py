"""The console's search: who announces what can be found, and what a text finds for the signed-in person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Flask, current_app

from app.shell.context import may

#: How many hits of a kind the page shows.
MOST = 8
#: No number, id or name is longer.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found. ``is_exact``: the text is its number or id as a whole."""

    title: str
    url: str
    note: str = ""
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Finder:
    """A kind of record that can be found by those who have ``right``, (verb, subject).

    ``find`` gets the text, without spaces around it, and returns so many hits, exact ones first.
    """

    key: str
    label: object
    icon: str
    right: tuple[str, str]
    position: int
    find: Callable[[str, int], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of a kind."""

    finder: Finder
    hits: Sequence[Hit]


@dataclass
class Finders:
    """The kinds of one application."""

    by_key: dict[str, Finder] = field(default_factory=dict)


def add_finder(app: Flask, finder: Finder) -> None:
    """Announce a kind of record."""
    app.extensions.setdefault("finders", Finders()).by_key[finder.key] = finder


def find(text: str) -> list[Group]:
    """Return what a text finds, by kind; kinds without a hit are left out."""
    known: Finders = current_app.extensions.get("finders", Finders())
    wanted = text.strip()[:LONGEST]
    if not wanted:
        return []
    allowed = (one for one in known.by_key.values() if may(*one.right))
    groups = (Group(one, one.find(wanted, MOST)) for one in sorted(allowed, key=lambda one: one.position))
    return [one for one in groups if one.hits]


def only_exact(groups: Sequence[Group]) -> Hit | None:
    """Return the one record whose number or id was entered; None where it is none, or more than one."""
    exact = {hit.url: hit for group in groups for hit in group.hits if hit.is_exact}
    return next(iter(exact.values())) if len(exact) == 1 else None
