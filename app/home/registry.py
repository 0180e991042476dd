"""Counts on Home that other slices announce: a callable each, returning label, value and address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

COUNTS: dict[str, Callable[[], dict[str, Any]]] = {}


def add_count(key: str, count: Callable[[], dict[str, Any]]) -> None:
    """Announce a count."""
    COUNTS[key] = count
