"""Reports: what was bought and sold, where margin leaks, what moved, and whether everything is on statements."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.charges.support import accounts_without_support
from app.errors import DomainError, Invalid
from app.kernel.pagination import list_page, page_of
from app.providers.queries import resold_providers
from app.rating.money import ZERO
from app.rating.months import first_day, month_after
from app.reports import exporting, report_args, tables
from app.reports.changes import Change, Changes, changes_between
from app.reports.costs import By, Costs, Sums, Wanted, sums_by, total
from app.reports.figures import amount_in, basis_words, figure_text, figure_words
from app.reports.leaks import GROUPING, MOST_SHOWN, Leak, leaks_of
from app.reports.naming import suggested
from app.reports.narrowing import chips, currencies, typed_customer
from app.reports.periods import PERIOD_WORDS, Period, period_from
from app.reports.priced_months import months_now
from app.reports.reconciliation import reconcile
from app.reports.support_costs import BY, support_costs
from app.saved_views.queries import can_keep_views, views_of
from app.shell.formats import reader_today
from app.shell.pages import PageView
from app.usage.queries import last_imported_month

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
#: How many months the choice of a month offers.
MOST_MONTHS = 24
#: What a report is grouped by when a row of another one is opened.
_WITHIN = {By.CUSTOMER.value: By.SERVICE.value, By.PROVIDER.value: By.SERVICE.value}


def asked_month(text: str, usual: datetime.date) -> datetime.date:
    """Return the month that an address names, the usual one where it names none."""
    if not text:
        return usual
    found = _MONTH.fullmatch(text) or abort(400)
    return datetime.date(int(found[1]), int(found[2]), 1)


def usual_month(today: datetime.date) -> datetime.date:
    """Return the latest month with usage that is over, else the last one."""
    return last_imported_month(before=first_day(today)) or month_after(first_day(today), -1)


class BillingReportView(PageView):
    """Billing report: usage of any days with what it costs and what it is sold for."""

    route_base = "/reports/billing"
    class_permission_name = "Reports"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        asked = report_args.ReportRequest()
        here, refusal, unknown = url_for("BillingReportView.show"), None, ""
        try:
            if (found := typed_customer(asked.narrowing)) is not None:
                return redirect(f"{here}?{urlencode(found)}")
        except Invalid as problem:
            unknown = str(problem)
        report = tables.Report({}, {})
        try:
            report = tables.report_of(asked.asked, asked.fields, suggesting=True)
        except DomainError as problem:
            refusal = problem
        own = next(iter(report.totals), "")
        # Rows are named as they are taken, and customers are suggested by what that has read.
        rows = page_of(report.rows.get(own, []), list_page(request.args))
        written = asked.written()
        tabs, current = report_args.tabs(asked, views_of(report_args.LIST_KEY))
        shown, without_filters = chips(asked.narrowing, asked.pairs, here)
        within = _WITHIN.get(asked.groups[0], By.CUSTOMER.value)
        page = self.render_template(
            "reports/billing.html",
            title=_("Billing report"),
            asked=asked,
            rows=rows,
            apart={code: some for code, some in report.rows.items() if code != own},
            totals=report.totals,
            currency=own,
            currencies=currencies(),
            refusal=refusal,
            unknown=unknown,
            customers=suggested(),
            chips=shown,
            without_filters=without_filters,
            tabs=tabs,
            saving={"list_key": report_args.LIST_KEY, "arguments": written, "current": current}
            if can_keep_views()
            else None,
            written=written,
            words=figure_words(),
            basis=basis_words(asked.wanted),
            figures=[one for one in asked.columns if one in tables.FIGURES],
            field_columns=[one for one in asked.columns if one in asked.offered_fields],
            offered=_offered(asked),
            group_words={**tables.GROUP_WORDS, **{key: one.label for key, one in asked.fields.all.items()}},
            most_groups=tables.MOST_GROUPS,
            periods=PERIOD_WORDS,
            figure_text=figure_text,
            narrowed=lambda arguments: report_args.narrowed(asked, arguments, within),
            sorting=(asked.sort, "desc" if asked.descending else "asc"),
            whole_month=asked.period.whole_month,
            has_any=bool(months_now().months),
        )
        return page, 422 if unknown else refusal.status if refusal else 200

    @expose("/export.<kind>")
    @has_access
    @permission_name("export")
    def export(self, kind: str) -> Response:
        """Download the report: all that the address asks for, in its order."""
        if kind not in exporting.KINDS:
            abort(404)
        asked = report_args.ReportRequest()
        rows, _totals = tables.rows_of(asked.asked, asked.fields)
        header, cells = exporting.table_of(asked.asked, rows, asked.fields)
        name = exporting.file_name("billing-report", asked.period, kind)
        exporting.note(name, len(rows), asked.written())
        return exporting.file_answer(kind, name, _("Billing report"), header, cells)


def _offered(asked: report_args.ReportRequest) -> list[tuple[str, object, bool]]:
    words = figure_words()
    offered: list[tuple[str, object, bool]] = [
        (one, words[one], one in asked.columns) for one in tables.FIGURES
    ]
    return offered + [(key, one.label, key in asked.columns) for key, one in asked.offered_fields.items()]


class MarginReportView(PageView):
    """Margin: by customer, provider and month, with what it leaks through."""

    route_base = "/reports/margin"
    class_permission_name = "Reports"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        today = reader_today()
        period = period_from(request.args, today) or abort(400)
        providers = resold_providers()
        code = request.args.get("provider", "")
        provider = next((one for one in providers if one.code == code), None)
        if code and provider is None:
            abort(404)
        wanted = Wanted(period.first, period.last, provider=provider)
        months = Wanted(*_months_around(period), provider=provider)
        refusal, leaks, sums = None, None, {}
        try:
            accounts = accounts_without_support()
            by_service, by_customer, by_provider, *by_account = sums_by(
                wanted, GROUPING, (By.CUSTOMER,), (By.PROVIDER,), *([BY] if accounts else [])
            )
            [by_month] = sums_by(months, (By.MONTH,), amounts_only=True)
            leaks = leaks_of(wanted, by_service, accounts)
            for some in by_account:
                leaks = replace(
                    leaks, without_support=_without_support(leaks.without_support, some, accounts)
                )
            sums = {"by_customer": by_customer, "by_provider": by_provider, "by_month": by_month}
        except DomainError as problem:
            refusal = problem
        currency = next(iter(sums["by_month"])) if sums else ""
        page = self.render_template(
            "reports/margin.html",
            title=_("Margin"),
            period=period,
            periods=PERIOD_WORDS,
            providers=providers,
            provider=provider,
            currency=currency,
            by_customer=_smallest_first(sums["by_customer"], currency, By.CUSTOMER, wanted) if sums else [],
            by_provider=_smallest_first(sums["by_provider"], currency, By.PROVIDER, wanted) if sums else [],
            by_month=sorted((key[0], one) for key, one in sums["by_month"][currency].items()) if sums else [],
            total=total(sums["by_provider"][currency]) if sums else Costs(),
            apart=[code for code in sums["by_provider"] if code != currency] if sums else [],
            leaks=leaks,
            most=MOST_SHOWN,
            basis=basis_words(wanted),
            amount_in=amount_in,
            figure_text=figure_text,
            refusal=refusal,
            report=lambda **more: url_for(
                "BillingReportView.show",
                **{**period.arguments, **({"provider": code} if code else {}), **more},
            ),
        )
        return page, refusal.status if refusal else 200


def _without_support(
    found: Sequence[Leak], sums: Sums, accounts: Collection[tuple[int, str, str]]
) -> list[Leak]:
    """Return customers without a support plan with what support costs, where the provider's table is known."""
    leaks = []
    costs = {currency: support_costs(some, currency, accounts) for currency, some in sums.items()}
    for one in found:
        support = costs.get(one.currency, {}).get(one.customer_id or 0)
        if support is not None:
            names = _("about, by the table of %(plan)s", plan=", ".join(sorted(support.plans)))
            is_known = bool(support.plans)
            leaks.append(
                replace(
                    one, text=names if is_known else "", amount=support.amount if is_known else one.amount
                )
            )
    return sorted(leaks, key=lambda one: (-(one.amount or ZERO), one.title))


def _months_around(period: Period) -> tuple[datetime.date, datetime.date]:
    """Return the twelve months that end with a period: a margin is read against the ones before it."""
    return month_after(first_day(period.last), -11), period.last


def _smallest_first(sums: Sums, currency: str, by: By, wanted: Wanted) -> Sequence[tables.Row]:
    asked = tables.Asked(wanted, (by.value,), (), "margin", descending=False)
    naming = tables.Naming(asked, tables.Fields({}, {}))
    return tables.Rows(naming, currency, [*sums[currency].items()])


class ChangesReportView(PageView):
    """What changed: services and accounts whose cost moved between two months."""

    route_base = "/reports/changes"
    class_permission_name = "Reports"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        today = reader_today()
        later = asked_month(request.args.get("month", ""), usual_month(today))
        earlier = asked_month(request.args.get("against", ""), month_after(later, -1))
        by = request.args.get("by", "service")
        groups = _CHANGE_GROUPS.get(by) or abort(400)
        providers = resold_providers()
        code = request.args.get("provider", "")
        provider = next((one for one in providers if one.code == code), None)
        if code and provider is None:
            abort(404)
        refusal: DomainError | None = None
        found: Mapping[str, Changes] = {}
        totals: dict[str, Change] = {}
        try:
            wanted = Wanted(later, later, provider=provider)
            found, totals = changes_between(earlier, later, wanted, groups, tables.Fields({}, {}))
        except DomainError as problem:
            refusal = problem
        own = next(iter(totals), "")
        page = self.render_template(
            "reports/changes.html",
            title=_("What changed"),
            later=later,
            earlier=earlier,
            by=by,
            bys=_change_words(),
            groups=groups,
            group_words=tables.GROUP_WORDS,
            providers=providers,
            provider=provider,
            months=[month_after(max(later, first_day(today)), -number) for number in range(MOST_MONTHS)],
            rows=page_of(found.get(own, []), list_page(request.args)),
            apart=[code for code in totals if code != own],
            total=totals.get(own),
            currency=own,
            basis=basis_words(wanted),
            amount_in=amount_in,
            refusal=refusal,
        )
        return page, refusal.status if refusal else 200


_CHANGE_GROUPS = {
    "service": (By.SERVICE.value, By.PROVIDER.value),
    "account": (By.ACCOUNT.value, By.CUSTOMER.value),
    "customer": (By.CUSTOMER.value,),
    "line": (By.SERVICE.value, By.ACCOUNT.value, By.CUSTOMER.value),
}


def _change_words() -> dict[str, str]:
    return {
        "service": _("Services"),
        "account": _("Cloud accounts"),
        "customer": _("Customers"),
        "line": _("Services of each account"),
    }


class ReconciliationView(PageView):
    """Billing > Reconciliation: the provider's total against what is in, whose it is, and what is billed of it."""

    route_base = "/billing/reconciliation"
    class_permission_name = "Reconciliation"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        today = reader_today()
        month = asked_month(request.args.get("month", ""), usual_month(today))
        try:
            rows, refusal = reconcile(month), None
        except DomainError as problem:
            rows, refusal = [], problem
        page = self.render_template(
            "reports/reconciliation.html",
            title=_("Reconciliation"),
            month=month,
            months=[month_after(max(month, first_day(today)), -number) for number in range(MOST_MONTHS)],
            rows=rows,
            most_left_behind=MOST_SHOWN,
            amount_in=amount_in,
            refusal=refusal,
        )
        return page, refusal.status if refusal else 200
