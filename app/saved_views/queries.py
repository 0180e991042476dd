"""Named reads of saved views."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.saved_views.models import SavedView
from app.tenancy.scope import current_scope


def can_keep_views() -> bool:
    """Is somebody here whose views these could be? A Platform Admin who has entered a reseller keeps nothing."""
    return current_scope().person_id is not None


def views_of(list_key: str) -> Sequence[SavedView]:
    """Return the views of a list that the person in scope has saved, in the order of saving."""
    if not can_keep_views():
        return ()
    query = select(SavedView).where(SavedView.list_key == list_key)
    return db.session.scalars(query.order_by(SavedView.position, SavedView.id)).all()
