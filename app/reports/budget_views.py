"""Settings > Cost Management > Budgets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import lazy_gettext as _l

from app.cloud_accounts.ownership import suggested_customers
from app.customers.services import reseller_currency
from app.errors import DomainError
from app.reports import budgets
from app.reports.costs import By
from app.reports.figures import amount_in
from app.reports.forms import BASE_WORDS, PERIOD_WORDS, BudgetForm
from app.reports.models import Budget, BudgetBase, BudgetPeriod
from app.reports.narrowing import currencies
from app.reports.periods import PeriodKey
from app.shell.crud import Interface
from app.shell.formats import money_text, percent_text, reader_today
from app.shell.settings_area import SettingsModelView


def threshold_text(budget: Budget, threshold: str) -> str:
    """Return a threshold as people read it."""
    if threshold.endswith("%"):
        return percent_text(Decimal(threshold[:-1]))
    return money_text(Decimal(threshold), budget.currency)


class BudgetModelView(SettingsModelView):
    """The reseller's budgets, with what is used of them."""

    datamodel = Interface(Budget)
    route_base = "/settings/budgets"
    class_permission_name = "Budgets"
    form = BudgetForm
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Budgets")
    add_title = _l("Add budget")
    edit_title = _l("Edit budget")
    add_save_label = _l("Save budget")
    edit_save_label = _l("Save budget")
    add_template = "reports/budget_add.html"
    edit_template = "reports/budget_edit.html"
    suggested_customers = staticmethod(suggested_customers)
    add_fieldsets = edit_fieldsets = [
        (
            _l("Budget"),
            {
                "fields": ["name", "amount", "currency", "base", "period", "first_on", "last_on"],
                "text": _l(
                    "How much may be spent, and in which time. First and last day count for days of your own only."
                ),
                "widths": {
                    "name": 6,
                    "amount": 3,
                    "currency": 3,
                    "base": 6,
                    "period": 6,
                    "first_on": 3,
                    "last_on": 3,
                },
            },
        ),
        (
            _l("What it is for"),
            {
                "fields": ["provider_id", "customer", "account"],
                "text": _l("Everything, unless you narrow it down."),
                "widths": {"provider_id": 6, "customer": 3, "account": 3},
            },
        ),
        (
            _l("Notifications"),
            {
                "fields": ["thresholds_text", "recipients_text"],
                "text": _l("Checked at each import. Each threshold is mailed once in each period."),
                "widths": {"thresholds_text": 6, "recipients_text": 6},
            },
        ),
    ]

    @expose("/")
    @has_access
    def list(self) -> Any:
        rows, refusal = budgets.all_budgets(), None
        spent: dict[int, budgets.Spent] = {}
        try:
            spent = {one.budget.id: one for one in budgets.spent_now(rows, reader_today())}
        except DomainError as problem:
            refusal = problem
        return self.render_template(
            "reports/budgets.html",
            title=self.list_title,
            rows=rows,
            spent=spent,
            refusal=refusal,
            crumbs=self.crumbs,
            may={verb: self.can(verb) for verb in ("add", "edit", "delete")},
            bases=BASE_WORDS,
            periods=PERIOD_WORDS,
            amount_in=amount_in,
            threshold_text=threshold_text,
            report=_report,
        )

    def prepare(self, form: Any, row: Any) -> None:
        if request.method != "GET":
            return
        if row is None:
            form.currency.data = reseller_currency()
            form.base.data, form.period.data = BudgetBase.CUSTOMER.value, BudgetPeriod.MONTHLY.value
            form.thresholds_text.data = "80 %, 100 %"
            return
        form.base.data, form.period.data = row.base.value, row.period.value
        form.provider_id.data = str(row.provider_id or "")
        form.customer.data = row.customer.account_number if row.customer else ""
        form.thresholds_text.data = ", ".join(one.replace("%", " %") for one in row.thresholds)
        form.recipients_text.data = ", ".join(row.recipients)

    def create(self, form: Any) -> Budget:
        return budgets.create_budget(_values(form), today=reader_today())

    def change(self, row: Budget, form: Any) -> Budget:
        return budgets.change_budget(row, _values(form))

    def remove(self, row: Budget) -> None:
        budgets.delete_budget(row)


def _report(one: budgets.Spent) -> str:
    """Return the address of the report of what a budget counted in its period."""
    budget, seller = one.budget, one.budget.base is BudgetBase.SELLER
    pairs = [
        ("period", PeriodKey.CUSTOM.value),
        ("from", one.span.first.isoformat()),
        ("to", one.span.last.isoformat()),
        ("group", By.SERVICE.value if budget.customer_id else By.CUSTOMER.value),
        ("provider", budget.provider.code if budget.provider else ""),
        ("customer", str(budget.customer_id or "")),
        ("account", budget.account),
        ("sort", "seller_cost" if seller else ""),
        ("currency", budget.currency if budget.currency in currencies() else ""),
    ]
    return f"{url_for('BillingReportView.show')}?{urlencode([pair for pair in pairs if pair[1]])}"


def _values(form: Any) -> dict[str, Any]:
    return {**form.data, "provider_id": int(form.provider_id.data) if form.provider_id.data else None}
