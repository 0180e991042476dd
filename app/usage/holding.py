"""Which versions of parts have to stay although they were replaced: slices above say what they still need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

_HOLDERS: list[Callable[[Iterable[int]], Set[int]]] = []


def parts_in_use(ask: Callable[[Iterable[int]], Set[int]]) -> Callable[[Iterable[int]], Set[int]]:
    """Register who is asked, with ids of replaced parts, which of them it still needs (issued statements, say).

    Asked in the system's scope, about the parts of all resellers.
    """
    if ask not in _HOLDERS:
        _HOLDERS.append(ask)
    return ask


def still_needed(part_ids: Iterable[int]) -> set[int]:
    """Return which of these parts somebody still needs."""
    ids = list(part_ids)
    return {found for ask in _HOLDERS for found in ask(ids)}
