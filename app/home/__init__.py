"""Home of the console: what needs attention, counts, recent changes; and the search over all of it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show Home first in the navigation."""
    from app.home.search_views import SearchView, pages
    from app.home.views import HomeView
    from app.shell.finding import Finder, add_finder
    from app.shell.navigation import NavItem, add_item

    appbuilder.add_view_no_menu(HomeView)
    appbuilder.add_view_no_menu(SearchView)
    add_finder(current_app, Finder("pages", _l("Pages"), "table-list", ("show", "Home"), 90, pages))
    add_item(current_app, NavItem("home", _l("Home"), "house", "HomeView.show", ("show", "Home")))
