"""Customers: the list, the workspace and its own sections."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show customers in the navigation and announce the workspace's sections."""
    from app.customers import export_views, import_models, import_views, sections, views  # noqa: F401
    from app.shell.navigation import NavItem, add_item

    sections.announce()
    appbuilder.add_view_no_menu(views.CustomerModelView)
    appbuilder.add_view_no_menu(import_views.CustomerImportView)
    appbuilder.add_view_no_menu(export_views.CustomerExportView)
    appbuilder.add_view_no_menu(views.CustomerInformationView)
    appbuilder.add_view_no_menu(views.CustomerFieldsView)
    appbuilder.add_view_no_menu(views.CustomerProvidersView)
    appbuilder.add_view_no_menu(views.CustomerTaxView)
    add_item(
        current_app,
        NavItem("customers", _l("Customers"), "building", "CustomerModelView.list", ("list", "Customers")),
    )
