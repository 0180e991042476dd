"""Versions of usage that statements were made of: their files stay as long as an amount can be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Set

from sqlalchemy import select

from app.extensions import db
from app.statements.models import State, Statement, StatementPart
from app.usage.holding import parts_in_use


def parts_of_issued(part_ids: Iterable[int]) -> Set[int]:
    """Return which parts an issued statement was made of, void ones too."""
    query = (
        select(StatementPart.part_id)
        .join(Statement, Statement.id == StatementPart.statement_id)
        .where(StatementPart.part_id.in_(list(part_ids)), Statement.state != State.DISCARDED)
        .distinct()
    )
    return set(db.session.scalars(query))


def announce() -> None:
    """Say so to whoever clears usage away."""
    parts_in_use(parts_of_issued)
