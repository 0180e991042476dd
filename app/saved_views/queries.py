"""Named reads of saved views."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from app.extensions import db
from app.saved_views.models import SavedView
from app.tenancy.scope import current_scope


def can_keep_views() -> bool:
    """Is somebody here whose views these could be? A Platform Admin who has entered a reseller keeps nothing."""
    return current_scope().person_id is not None


_VIEWS = (
    select(SavedView)
    .where(SavedView.list_key == bindparam("list_key"))
    .order_by(SavedView.position, SavedView.id)
)


def views_of(list_key: str) -> Sequence[SavedView]:
    """Return the views of a list that the person in scope has saved, in the order of saving."""
    if not can_keep_views():
        return ()
    return db.session.scalars(_VIEWS, {"list_key": list_key}).all()
