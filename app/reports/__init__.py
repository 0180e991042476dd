"""Reports, dashboards and budgets: what was bought and sold, by whatever people look for."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the dashboard, the reports, and the list of which views can be saved."""
    from app.audit.places import add_record_page
    from app.audit.words import tell_with
    from app.customers import registry
    from app.reports import (
        budget_views,
        dashboard_views,
        question_words,
        report_args,
        spending,
        upkeep,
        views,
        watching,
    )
    from app.reports.models import Budget
    from app.saved_views.registry import SavedList, add_list
    from app.shell.navigation import NavItem, add_item

    for view in (
        dashboard_views.DashboardView,
        views.BillingReportView,
        views.MarginReportView,
        views.ChangesReportView,
        views.ReconciliationView,
        budget_views.BudgetModelView,
    ):
        appbuilder.add_view_no_menu(view)
    add_list(
        SavedList(
            report_args.LIST_KEY,
            _l("Billing report"),
            "BillingReportView.show",
            ("show", "Reports"),
            report_args.written_arguments,
            report_args.can_show,
        )
    )
    add_record_page("budget", Budget, ("edit", "Budgets"), "BudgetModelView.edit")
    tell_with("report", "filter", question_words.question_in_words)
    registry.add_money("spending", spending.home_figures)
    registry.add_omission_cost("providers", spending.cost_of_no_provider)
    registry.add_omission_cost("pricebooks", spending.cost_of_no_pricebook)
    registry.add_omission_cost("support_plan", spending.cost_of_no_support)
    registry.add_attention_cost("no_support_plan", spending.attention_to_support)
    watching.connect()
    upkeep.register(current_app)
    reads = ("show", "Reports")
    for item in (
        NavItem("dashboard", _l("Dashboard"), "chart-line", "DashboardView.show", ("show", "Dashboard")),
        NavItem(
            "reports.billing", _l("Billing report"), "table-list", "BillingReportView.show", reads, "reports"
        ),
        NavItem("reports.margin", _l("Margin"), "percent", "MarginReportView.show", reads, "reports"),
        NavItem(
            "reports.changes",
            _l("What changed"),
            "arrow-right-arrow-left",
            "ChangesReportView.show",
            reads,
            "reports",
        ),
        NavItem(
            "reconciliation",
            _l("Reconciliation"),
            "scale-balanced",
            "ReconciliationView.show",
            ("show", "Reconciliation"),
            "billing",
        ),
        NavItem(
            "settings.budgets",
            _l("Budgets"),
            "coins",
            "BudgetModelView.list",
            ("list", "Budgets"),
            group="cost",
            area="settings",
        ),
    ):
        add_item(current_app, item)
