"""A person's own views as its data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.saved_views.models import SavedView
from app.tenancy.scope import current_scope


def own_views(user: Any) -> list[dict[str, Any]]:
    """Return the views that a person keeps. Nobody else gets them, so they are in the own export alone."""
    if current_scope().person_id != user.id:
        return []
    query = select(SavedView).where(SavedView.user_id == user.id).order_by(SavedView.id)
    return [
        {"list": one.list_key, "name": one.name, "shows": one.arguments} for one in db.session.scalars(query)
    ]
