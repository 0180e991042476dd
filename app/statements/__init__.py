"""Statements: from stored usage and everything that was agreed to what a customer pays, and the paper that says so."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Announce the list, the statement, the workspace section, and what runs in the background."""
    from app.statements import holding
    from app.statements.services import runs

    holding.announce()
    _ = runs
