"""Customers: the list, the workspace and its own sections."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show customers in the navigation and announce the workspace's sections."""
    from app.customers import (
        export_views,
        finding,
        import_views,
        personal_views,
        sections,
        services,
        user_views,
        views,
    )
    from app.customers.personal import contact_of
    from app.security.accounts import CUSTOMER_DOORS, CUSTOMER_WAITS
    from app.security.personal_data import Part, add_part
    from app.shell.finding import Finder, add_finder
    from app.shell.navigation import NavItem, add_item

    sections.announce()
    add_part(Part("contact", contact_of))
    CUSTOMER_DOORS["archived"] = services.is_open
    CUSTOMER_WAITS["pending"] = services.is_waiting
    for view in (
        views.CustomerModelView,
        import_views.CustomerImportView,
        export_views.CustomerExportView,
        views.CustomerInformationView,
        user_views.CustomerUsersView,
        personal_views.CustomerPersonView,
        views.CustomerFieldsView,
        views.CustomerProvidersView,
        views.CustomerTaxView,
        views.CustomerTimelineView,
    ):
        appbuilder.add_view_no_menu(view)
    add_item(
        current_app,
        NavItem("customers", _l("Customers"), "building", "CustomerModelView.list", ("list", "Customers")),
    )
    add_finder(
        current_app,
        Finder("customers", _l("Customers"), "building", ("list", "Customers"), 10, finding.customers),
    )
