"""One typed queue of what customers ask for: sign-ups, cloud accounts, providers; and Cloud Ops' follow-up."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the queues of the reseller and of Cloud Ops, and what customers' pages and Home say of them."""
    from app.approvals import customer_views, finding, operations_views, sections, views
    from app.approvals.personal import forget_requests, harm_to_requests, requests_of_person
    from app.approvals.queries import PENDING_COUNT
    from app.security.personal_data import Part, add_part
    from app.shell.finding import Finder, add_finder
    from app.shell.navigation import NavItem, add_item

    sections.announce()
    add_part(Part("requests", requests_of_person, forget_requests, harm_to_requests))
    for view in (
        views.ApprovalsView,
        customer_views.CustomerRequestsView,
        operations_views.OperationsView,
    ):
        appbuilder.add_view_no_menu(view)
    list_endpoint, right = "ApprovalsView.list", ("list", "ApprovalRequests")
    for item in (
        NavItem(
            "approvals",
            _l("Approval requests"),
            "clipboard-check",
            list_endpoint,
            right,
            counts=PENDING_COUNT,
        ),
        NavItem(
            "settings.approvals",
            _l("Approval Requests"),
            "clipboard-check",
            list_endpoint,
            right,
            group="account",
            area="settings",
            counts=PENDING_COUNT,
        ),
    ):
        add_item(current_app, item)
    add_finder(
        current_app,
        Finder(
            "requests", _l("Approval requests"), "clipboard-check", ("show", right[1]), 40, finding.requests
        ),
    )
