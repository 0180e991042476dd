"""Cloud accounts: what is known of them, whose they are and since when, and those that are nobody's yet."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the workspace section, groups, the list of unassigned accounts, a list column and what Home says."""
    from app.cloud_accounts import finding, group_views, sections, unassigned_views, views
    from app.shell.finding import Finder, add_finder
    from app.shell.navigation import NavItem, add_item

    sections.announce()
    appbuilder.add_view_no_menu(views.CustomerAccountsView)
    appbuilder.add_view_no_menu(group_views.CustomerGroupsView)
    appbuilder.add_view_no_menu(unassigned_views.UnassignedAccountsView)
    add_item(
        current_app,
        NavItem(
            "unassigned_accounts",
            _l("Unassigned accounts"),
            "link-slash",
            "UnassignedAccountsView.list",
            ("list", "UnassignedAccounts"),
            group="billing",
        ),
    )
    for finder in (
        Finder(
            "accounts",
            _l("Cloud accounts"),
            "server",
            ("list", "CustomerAccounts"),
            20,
            finding.of_customers,
        ),
        Finder(
            "unassigned",
            _l("Unassigned accounts"),
            "link-slash",
            ("list", "UnassignedAccounts"),
            25,
            finding.of_nobody,
        ),
    ):
        add_finder(current_app, finder)
