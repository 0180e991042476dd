"""What a person's dashboard opens with: the own days, filters and currency, kept as one saved view without a list."""

from __future__ import annotations

from app.extensions import db
from app.saved_views.models import SavedView
from app.saved_views.queries import views_of
from app.saved_views.services import check_can_keep, remove_view, save_view

#: What the console's and the portal's dashboard are kept under: a person has one or the other.
DASHBOARD = "dashboard"


def default_of(key: str) -> str | None:
    """Return what the person in scope wants to see first, as an address says it; None while nothing was kept."""
    return next((one.arguments for one in views_of(key)), None)


def keep_default(key: str, arguments: str) -> SavedView:
    """Keep what is shown now as what is shown first."""
    check_can_keep()
    found = next(iter(views_of(key)), None)
    if found is None:
        return save_view(list_key=key, name=key, arguments=arguments)
    found.arguments = arguments
    db.session.flush()
    return found


def forget_default(key: str) -> None:
    """Open as for everybody again."""
    check_can_keep()
    for one in views_of(key):
        remove_view(one)
