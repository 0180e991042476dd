"""Pricebooks: the providers' masters and the reseller's copies of them."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the pricebooks under Billing."""
    from app.audit.places import add_record_page
    from app.pricebooks import book_import_views, page_views, rule_views, what_if_views
    from app.pricebooks.models import Pricebook
    from app.pricebooks.views import PricebookModelView
    from app.shell.navigation import NavItem, add_item

    appbuilder.add_view_no_menu(PricebookModelView)
    for view in (
        book_import_views.PricebookImportView,
        rule_views.PricebookRulesView,
        rule_views.PricebookFileView,
        page_views.PricebookTesterView,
        page_views.PricebookHistoryView,
        what_if_views.PricebookWhatIfView,
    ):
        appbuilder.add_view_no_menu(view)
    add_record_page("pricebook", Pricebook, ("show", "Pricebooks"), "PricebookRulesView.rules")
    for key, area in (("pricebooks", "console"), ("settings.pricebooks", "settings")):
        add_item(
            current_app,
            NavItem(
                key,
                _l("Pricebooks"),
                "book-open",
                "PricebookModelView.list",
                ("list", "Pricebooks"),
                group="billing",
                area=area,
            ),
        )
