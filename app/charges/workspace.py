"""Charges and Discounts in the customer workspace (article, step 9)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import wtforms
from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.charges import assignments
from app.customers.tax_form import opened_tax_form
from app.customers.workspace import WorkspaceView
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.months.fields import CountsFromField
from app.shell.fields import BaseForm, ChoiceField, PercentField, VersionedForm
from app.shell.pages import attempt


class AssignForm(BaseForm):
    """Pick a plan; its provider comes with it."""

    what = wtforms.HiddenField(default="assign")
    plan_id = ChoiceField(_l("Plan"), required=True, choices=[])


class AdjustmentForm(VersionedForm):
    """The global discount or uplift."""

    what = wtforms.HiddenField(default="adjust")
    percent = PercentField(_l("Global discount or uplift"), required=True, decimals=2)
    counts_from = CountsFromField()


class CustomerChargesView(WorkspaceView):
    """Assigned plans, the global discount or uplift, and the way to taxes."""

    route_base = "/customers/<int:customer_id>/charges"
    class_permission_name = "CustomerCharges"
    section = "charges"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        what = request.form.get("what", "") if request.method == "POST" else ""
        assign = AssignForm(formdata=request.form if what == "assign" else None)
        assign.plan_id.choices = [("", "")] + [
            (str(plan.id), f"{plan.provider.name}: {plan.name} ({assignments.rate_words(plan)})")
            for plan in assignments.assignable_plans(customer)
        ]
        adjust = AdjustmentForm(formdata=request.form if what == "adjust" else None)
        row = assignments.adjustment_of(customer)
        adjust.counts_from.offer(assignments.months_of(customer), given=row.counts_from if row else None)
        status = 200
        if what == "assign":
            status, done = self._assign(customer, assign)
        elif what == "adjust":
            status, done = self._adjust(customer, adjust)
        elif request.method == "POST":
            status, done = 422, False
        else:
            done = False
        if done:
            return redirect(url_for("CustomerChargesView.show", customer_id=customer_id))
        if request.method == "POST":  # refused: what was read before is of another transaction
            customer = self.customer(customer_id)
            row = assignments.adjustment_of(customer)
        if what != "adjust":
            adjust.percent.data = row.percent if row else None
            adjust.version.data = str(row.version if row else 0)
        return self.page(
            "charges/customer.html",
            customer,
            assign=assign,
            adjust=adjust,
            adjustment=row,
            rows=assignments.assignments_of(customer),
            tax=opened_tax_form(customer),
            may_manage=self.appbuilder.sm.has_access("can_list", "ChargePlans"),
        ), status

    @staticmethod
    def _assign(customer: Any, form: AssignForm) -> tuple[int, bool]:
        if not form.validate():
            return 422, False
        row, status = attempt(form, lambda: assignments.assign_plan(customer, int(form.plan_id.data)))
        if row is None:
            return status, False
        flash(_("%(plan)s was assigned.", plan=row.plan), "success")
        return status, True

    @staticmethod
    def _adjust(customer: Any, form: AdjustmentForm) -> tuple[int, bool]:
        if not form.validate():
            return 422, False
        row, status = attempt(
            form,
            lambda: assignments.save_adjustment(
                customer,
                form.percent.data or Decimal(0),
                from_month=form.counts_from.month,
                version=form.opened_version,
            ),
            record=lambda: assignments.adjustment_of(customer),
        )
        if row is None:
            return status, False
        flash(_("The global discount or uplift was saved."), "success")
        return status, True

    @expose("/<int:assignment_id>/remove/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove(self, customer_id: int, assignment_id: int) -> Response:
        customer = self.customer(customer_id)
        with unit_of_work(db.session):
            plan = str(assignments.take_plan_away(customer, assignment_id))
        flash(_("%(plan)s was taken away.", plan=plan), "success")
        return redirect(url_for("CustomerChargesView.show", customer_id=customer_id))
