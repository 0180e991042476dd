"""Saved views: a list as one person wants to see it again, a tab above the list."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Take the forms; the lists themselves show the tabs."""
    from app.saved_views import views
    from app.saved_views.personal import own_views
    from app.security.personal_data import Part, add_part

    add_part(Part("saved_views", own_views))
    appbuilder.add_view_no_menu(views.SavedViewsView)
