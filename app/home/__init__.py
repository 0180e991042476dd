"""Home of the console: what needs attention, counts, recent changes."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show Home first in the navigation."""
    from app.home.views import HomeView
    from app.shell.navigation import NavItem, add_item

    appbuilder.add_view_no_menu(HomeView)
    add_item(current_app, NavItem("home", _l("Home"), "house", "HomeView.show", ("show", "Home")))
