"""Statements: what each customer owes for a month, from the priced usage to the document."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the slice; it has no screens yet."""
