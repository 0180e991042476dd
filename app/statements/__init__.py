"""Statements: from stored usage and everything that was agreed to what a customer pays, and the paper that says so."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the list, the statement, the workspace section, and what works on many at once."""
    from app.shell.finding import Finder, add_finder
    from app.shell.navigation import NavItem, add_item
    from app.statements import book_sums, finding, holding, plan_runs, sections, views, what_if_views

    holding.announce()
    book_sums.announce()
    plan_runs.announce()
    sections.announce()
    appbuilder.add_view_no_menu(views.StatementsView)
    appbuilder.add_view_no_menu(views.CustomerStatementsView)
    appbuilder.add_view_no_menu(what_if_views.CustomerWhatIfView)
    add_item(
        current_app,
        NavItem(
            "statements",
            _l("Statements"),
            "file-invoice-dollar",
            "StatementsView.list",
            ("list", "Statements"),
            group="billing",
        ),
    )
    right = ("list", "Statements")
    add_finder(
        current_app,
        Finder("statements", _l("Statements"), "file-invoice-dollar", right, 30, finding.statements),
    )
