"""Dashboard and reports: where they will be, by provider. Statements: those that were issued, as they were printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.kernel.pagination import list_page
from app.portal.access import check_may, check_open, openings
from app.portal.queries.credits import own_credits
from app.portal.queries.openings import Openings
from app.portal.queries.statements import own_statement, own_statements
from app.portal.storefront import PREFIX
from app.portal.views.base import CustomerPage
from app.shell.formats import reader_today, words_list
from app.statements.documents_answer import document_answer, is_usage, usage_answer
from app.statements.readers_words import for_reader
from app.statements.services.finding import find_statement
from app.tenancy.scope import current_scope, reseller_scope


class PortalDashboardView(CustomerPage):
    """Dashboard: what the company spends."""

    route_base = f"{PREFIX}/dashboard"
    class_permission_name = "PortalDashboard"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        check_open(openings().dashboard)
        return self.page("portal/dashboard.html", _("Dashboard"))


class PortalReportsView(CustomerPage):
    """Reports: the company's usage, line by line."""

    route_base = f"{PREFIX}/reports"
    class_permission_name = "PortalReports"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        check_open(openings().reports)
        return self.page("portal/reports.html", _("Reports"))


class PortalStatementsView(CustomerPage):
    """Statements: what the company is to pay; only for those of its people who see them."""

    route_base = f"{PREFIX}/statements"
    class_permission_name = "PortalStatements"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self) -> Any:
        opened = self._check()
        providers = words_list([one.name for one in opened.in_portal])
        return self.page(
            "portal/statements.html",
            _("Statements"),
            providers=providers,
            statements=own_statements(list_page(request.args), reader_today()),
            credits=own_credits(list_page(request.args)),
        )

    @expose("/<int:statement_id>/")
    @has_access
    @permission_name("show")
    def statement(self, statement_id: int) -> Any:
        self._check()
        one, paper = own_statement(statement_id, reader_today())
        # Custom fields are the reseller's own: they are on the document where it says so, and on no page.
        shown = replace(for_reader(paper), header_fields=())
        return self.page("portal/statement.html", one.title, one=one, paper=shown)

    @expose("/<int:statement_id>/document/<kind>")
    @has_access
    @permission_name("show")
    def document(self, statement_id: int, kind: str) -> Any:
        """Download a statement as PDF, CSV or XLSX, or its priced usage as FOCUS."""
        self._check()
        _one, paper = own_statement(statement_id, reader_today())
        if not is_usage(kind):
            return document_answer(paper, kind)
        # It is priced by what the reseller agreed, which no customer reads: the file is made in the reseller's place,
        # and holds what this one customer is billed.
        with reseller_scope(current_scope().reseller_id or 0, actor=current_scope().actor):
            return usage_answer(find_statement(statement_id), kind)

    @staticmethod
    def _check() -> Openings:
        opened = openings()
        check_open(opened.statements)
        check_may(opened.sees_statements)
        return opened
