"""Statements: from stored usage and everything that was agreed to what a customer pays, and the paper that says so."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the slice; it has no screens yet."""
