"""Dashboard and reports: what the company spends. Statements: those that were issued, as they were printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.customers.models import Customer
from app.errors import DomainError
from app.kernel.pagination import list_page, page_of
from app.portal.access import check_may, check_open, openings, own_currencies
from app.portal.queries import spending
from app.portal.queries.credits import own_credits
from app.portal.queries.openings import Openings
from app.portal.queries.statements import own_statement, own_statements
from app.portal.storefront import PREFIX
from app.portal.views.base import CustomerPage
from app.rating.months import first_day
from app.reports import exporting
from app.reports.figures import amount_in, plain_number, quantity_text
from app.reports.periods import PERIOD_WORDS, Period, PeriodKey, period_from
from app.reports.tables import GROUP_WORDS
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
        customer = self.customer()
        asked = _Dashboard(customer)
        found, refusal = None, ""
        try:
            if spending.has_any_usage(customer):
                codes = [asked.provider] if asked.provider else [one.code for one in openings().in_portal]
                found = spending.own_spending(customer, asked.period, asked.today, codes, asked.currency)
        except DomainError as problem:
            refusal = str(problem)
        return self.page(
            "portal/dashboard.html",
            _("Dashboard"),
            asked=asked,
            period=asked.period,
            periods=PERIOD_WORDS,
            found=found,
            refusal=refusal,
            amount_in=amount_in,
        )

    @expose("/default/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def keep(self) -> Response:
        """Keep what the address shows as what the person sees first; with ``forget``, nothing any more."""
        check_open(openings().dashboard)
        forgets, customer = bool(request.form.get("forget")), self.customer()
        spending.keep_first_shown(customer, "" if forgets else _Dashboard(customer).written())
        flash(
            _("Your dashboard opens as for everybody again.")
            if forgets
            else _("Your dashboard opens with this from now on."),
            "success",
        )
        return redirect(url_for("PortalDashboardView.show"))


class _Dashboard:
    """What the dashboard is asked for; without a word of the address, what the person chose to see first."""

    def __init__(self, customer: Customer) -> None:
        self.today = reader_today()
        self.kept = spending.first_shown(customer)
        args: MultiDict[str, str] = request.args
        if not args and self.kept:
            args = MultiDict(parse_qsl(self.kept))
        running = spending.has_usage_of(customer, first_day(self.today))
        usual = PeriodKey.MONTH_TO_DATE if running else PeriodKey.LAST_MONTH
        self.period: Period = period_from(args, self.today, usual) or abort(400)
        self.offered = openings().in_portal
        self.currencies = own_currencies()
        # What was kept may be older than a provider's switch: what is shown no more is left out.
        provider, currency = args.get("provider", ""), args.get("currency", "")
        self.provider = provider if provider in {one.code for one in self.offered} else ""
        self.currency = currency if currency in self.currencies[1:] else ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the question as an address says it, name by name."""
        chosen = (("provider", self.provider), ("currency", self.currency))
        return [*self.period.arguments.items(), *(pair for pair in chosen if pair[1])]

    def written(self) -> str:
        """Return the question as an address says it."""
        return urlencode(self.pairs)

    @property
    def is_kept(self) -> bool:
        return self.kept == self.written()


class PortalReportsView(CustomerPage):
    """Reports: the company's usage, by whatever it looks for."""

    route_base = f"{PREFIX}/reports"
    class_permission_name = "PortalReports"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        check_open(openings().reports)
        asked = _Asked()
        rows, refusal = [], ""
        try:
            rows = asked.rows(self.customer())
        except DomainError as problem:
            refusal = str(problem)
        totals: dict[str, Any] = {}
        for one in rows:
            totals[one.currency] = totals.get(one.currency, 0) + one.amount
        return self.page(
            "portal/reports.html",
            _("Reports"),
            asked=asked,
            rows=page_of(rows, list_page(request.args)),
            totals=totals,
            written=asked.written(),
            periods=PERIOD_WORDS,
            group_words={one.value: GROUP_WORDS[one] for one in spending.GROUPS},
            most_groups=spending.MOST_GROUPS,
            refusal=refusal,
            amount_in=amount_in,
            quantity_text=quantity_text,
        )

    @expose("/export.<kind>")
    @has_access
    @permission_name("export")
    def export(self, kind: str) -> Response:
        """Download the report: all that the address asks for, in its order."""
        check_open(openings().reports)
        if kind not in exporting.KINDS:
            abort(404)
        asked = _Asked()
        rows = asked.rows(self.customer())
        header: list[str] = []
        for group in asked.groups:
            label = str(GROUP_WORDS[group])
            header += [label, _("%(label)s: number", label=label)]
        header += [_("Currency"), _("Cost"), _("Quantity"), _("Unit")]
        name = exporting.file_name("report", asked.period, kind)
        exporting.note(name, len(rows), asked.written())
        return exporting.file_answer(kind, name, _("Reports"), header, _cells(rows))


def _cells(rows: list[spending.SpentRow]) -> Iterator[list[Any]]:
    for one in rows:
        names = [text for name in one.names for text in (name.file_text, name.sub)]
        quantity = None if one.quantity is None else plain_number(one.quantity)
        yield [*names, one.currency, plain_number(one.amount), quantity, one.unit]


class _Asked:
    """What the address of a report asks for; answers 400 to what no form or link of ours could ask."""

    def __init__(self) -> None:
        args = request.args
        self.period: Period = period_from(args, reader_today()) or abort(400)
        self.currencies, self.currency = own_currencies(), args.get("currency", "")
        if self.currency and self.currency not in self.currencies:
            abort(400)
        groups = list(dict.fromkeys(one for one in args.getlist("group") if one))
        if len(groups) > spending.MOST_GROUPS or not set(groups) <= {one.value for one in spending.GROUPS}:
            abort(400)
        self.groups = tuple(groups) or (spending.GROUPS[0].value,)
        self.offered = openings().in_portal
        self.provider = args.get("provider", "")
        if self.provider and self.provider not in {one.code for one in self.offered}:
            abort(404)
        self.service = args.get("service", "").strip()
        self.account = args.get("account", "").strip()

    def rows(self, customer: Any) -> list[spending.SpentRow]:
        """Return the rows of the company's report."""
        codes = [self.provider] if self.provider else [one.code for one in self.offered]
        return spending.own_report(
            customer, self.period, self.groups, codes, self.service, self.account, self.currency
        )

    def written(self) -> str:
        """Return the question as an address says it."""
        pairs = [*self.period.arguments.items(), *(("group", one) for one in self.groups)]
        pairs += [("provider", self.provider), ("service", self.service), ("account", self.account)]
        pairs.append(("currency", self.currency))
        return urlencode([(name, value) for name, value in pairs if value])


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
