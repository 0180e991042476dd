"""The customer portal: its door, and what a signed-in customer sees of the own company."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the portal's pages, in the reseller's name."""
    from app.portal import storefront
    from app.portal.views import PortalSignInView, PortalView, brand
    from app.shell.navigation import NavItem, add_item

    views = (PortalSignInView, PortalView)
    for view in views:
        appbuilder.add_view_no_menu(view)
    storefront.init_app(current_app, views)
    current_app.context_processor(brand)
    add_item(
        current_app,
        NavItem("portal_home", _l("Overview"), "house", "PortalView.show", ("show", "Portal"), area="portal"),
    )
