"""What the second of two editors is told: who saved, when, and what of it differs from the own form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed: how it is saved now, and what was entered here."""

    label: str
    saved: str
    entered: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What happened to a record while a form of it was open.

    ``over``: what the form has to send to be saved all the same, over what was saved until now.
    """

    sentence: str
    differences: list[Difference]
    over: str


#: Who can tell: the change log, which stands above this package and announces itself.
_TELLERS: list[Callable[[Any, Any], Conflict | None]] = []


def tell_with(teller: Callable[[Any, Any], Conflict | None]) -> None:
    """Announce who can tell about a form and its record."""
    _TELLERS[:] = [teller]


def conflict_of(form: Any, row: Any) -> Conflict | None:
    """Return what was saved of ``row`` since ``form`` was opened, None where nobody knows."""
    return next((found for teller in _TELLERS if (found := teller(form, row))), None)
