"""Credits in the customer workspace: what was granted, what is left, where it was used."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.credits import queries, services
from app.credits.forms import CreditForm, ReversalForm
from app.customers.models import Customer, CustomerStatus
from app.customers.workspace import WorkspaceView
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page
from app.rating.months import first_day
from app.shell.formats import money_text
from app.shell.pages import submit


class CustomerCreditsView(WorkspaceView):
    """Credits: a list, adding one, taking a wrong one back."""

    route_base = "/customers/<int:customer_id>/credits"
    class_permission_name = "CustomerCredits"
    section = "credits"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        may = self.appbuilder.sm.has_access
        return self.page(
            "credits/list.html",
            customer,
            rows=queries.credit_page(customer.id, list_page(request.args)),
            totals=queries.open_totals(customer.id),
            month=first_day(utc_now().date()),
            may_add=may("can_add", self.class_permission_name) and customer.status is CustomerStatus.ACTIVE,
            may_reverse=may("can_edit", self.class_permission_name) and not customer.is_archived,
        )

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def add(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        form = CreditForm()
        form.currency.choices = [(code, code) for code in services.currencies_of(customer)]
        form.first_month.offer(services.months_of(customer))
        if request.method == "GET":
            form.submission.data = secrets.token_urlsafe(24)
            form.currency.data = form.currency.choices[0][0]
        credit, status = submit(form, lambda: self._grant(customer, form))
        if credit is not None:
            flash(_("A credit of %(amount)s was added.", amount=_words(credit)), "success")
            return redirect(url_for("CustomerCreditsView.show", customer_id=customer_id))
        return self.page("credits/add.html", self.customer(customer_id), form=form), status

    @staticmethod
    def _grant(customer: Customer, form: CreditForm) -> Any:
        return services.grant_credit(
            customer,
            {
                "amount": form.amount.data,
                "currency": form.currency.data,
                "comment": form.comment.data,
                "first_month": form.first_month.month,
            },
            now=utc_now(),
            submission=str(form.submission.data or "")[:64] or None,
        )

    @expose("/<int:credit_id>/reverse/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def reverse(self, customer_id: int, credit_id: int) -> Any:
        customer = self.customer(customer_id)
        credit = services.find_credit(customer, credit_id)
        form = ReversalForm()
        reversed_, status = submit(
            form,
            lambda: services.reverse_credit(
                customer, credit_id, form.amount.data or Decimal(0), form.reason.data or "", now=utc_now()
            ),
        )
        if reversed_ is not None:
            amount = money_text(form.amount.data, reversed_.currency)
            flash(_("%(amount)s of the credit was taken back.", amount=amount), "success")
            return redirect(url_for("CustomerCreditsView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        credit = services.find_credit(customer, credit_id)
        [row] = queries.rows_of([credit])
        if request.method == "GET":
            form.amount.data = row.left
        return self.page("credits/reverse.html", customer, form=form, row=row), status


def _words(credit: Any) -> str:
    return money_text(credit.amount, credit.currency)
