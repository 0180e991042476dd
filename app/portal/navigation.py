"""The tabs at the top of the portal: what is not open to the person is not there."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.portal.access import open_requests, openings
from app.shell.navigation import NavItem, add_item

TABS = (
    NavItem("portal.home", _l("Overview"), "house", "PortalView.show", ("show", "Portal"), area="portal"),
    NavItem(
        "portal.dashboard",
        _l("Dashboard"),
        "chart-line",
        "PortalDashboardView.show",
        ("show", "PortalDashboard"),
        area="portal",
        is_shown=lambda: openings().dashboard,
    ),
    NavItem(
        "portal.reports",
        _l("Reports"),
        "table-list",
        "PortalReportsView.show",
        ("show", "PortalReports"),
        area="portal",
        is_shown=lambda: openings().reports,
    ),
    NavItem(
        "portal.statements",
        _l("Statements"),
        "file-invoice-dollar",
        "PortalStatementsView.show",
        ("list", "PortalStatements"),
        area="portal",
        is_shown=lambda: openings().statements and openings().sees_statements,
    ),
    NavItem(
        "portal.accounts",
        _l("Cloud accounts"),
        "server",
        "PortalAccountsView.show",
        ("list", "PortalAccounts"),
        area="portal",
        is_shown=lambda: openings().accounts,
        badge=open_requests,
    ),
    NavItem(
        "portal.users",
        _l("Users"),
        "users",
        "PortalUsersView.show",
        ("list", "PortalUsers"),
        area="portal",
    ),
    NavItem(
        "portal.company",
        _l("Company"),
        "building",
        "PortalCompanyView.show",
        ("edit", "PortalCompany"),
        area="portal",
        is_shown=lambda: openings().company,
    ),
)


def announce(app: Flask) -> None:
    """Announce the tabs."""
    for tab in TABS:
        add_item(app, tab)
