"""Charges and Discounts in the customer workspace (article, step 9)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import wtforms
from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.charges import adjustments, assignments
from app.charges.assignment_forms import AssignForm, ChangeAssignmentForm, plan_choices
from app.charges.models import Level
from app.charges.overview import applied_rows
from app.charges.queries import accounts_reached
from app.charges.support import this_month
from app.cloud_accounts.groups import groups_of, members_of
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.cloud_accounts.queries import found_by
from app.customers.models import Customer
from app.customers.tax_form import opened_tax_form
from app.customers.workspace import WorkspaceView
from app.extensions import db
from app.kernel.pagination import list_page, paginate
from app.kernel.unit_of_work import unit_of_work
from app.months.fields import BACK, CountsFromField
from app.providers.models import Provider
from app.rating.months import month_after
from app.shell.fields import PercentField, VersionedForm
from app.shell.formats import month_text
from app.shell.pages import attempt, submit


class AdjustmentForm(VersionedForm):
    """The global discount or uplift."""

    what = wtforms.HiddenField(default="adjust")
    percent = PercentField(_l("Global discount or uplift"), required=True, decimals=2)
    counts_from = CountsFromField()


def told_end(plan: str, ends: datetime.date | None) -> str:
    """Say what became of an assignment that was taken away."""
    if ends is None:
        return _("%(plan)s was taken away.", plan=plan)
    return _(
        "%(plan)s ends with %(month)s, which is on issued statements.", plan=plan, month=month_text(ends)
    )


class CustomerChargesView(WorkspaceView):
    """Assigned plans and what applies where, the global discount or uplift, and the way to taxes."""

    route_base = "/customers/<int:customer_id>/charges"
    class_permission_name = "CustomerCharges"
    section = "charges"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self, customer_id: int) -> Any:
        customer = self.customer(customer_id)
        is_sent = request.method == "POST"
        adjust = AdjustmentForm(formdata=request.form if is_sent else None)
        row = adjustments.adjustment_of(customer)
        adjust.counts_from.offer(adjustments.months_of(customer), given=row.counts_from if row else None)
        status, done = self._adjust(customer, adjust) if is_sent else (200, False)
        if done:
            return redirect(url_for("CustomerChargesView.show", customer_id=customer_id))
        if is_sent:  # what a refused change left behind is read anew
            customer = self.customer(customer_id)
            row = adjustments.adjustment_of(customer)
        else:
            adjust.percent.data = row.percent if row else None
            adjust.version.data = str(row.version if row else 0)
        currency = customer.reseller.currency
        rows = assignments.assignments_of(customer)
        return self.page(
            "charges/customer.html",
            customer,
            adjust=adjust,
            adjustment=row,
            example=adjustments.EXAMPLE,
            becomes=adjustments.example_of(row.percent, currency) if row and row.percent else None,
            currency=currency,
            rows=rows,
            ends={one.id: assignments.ends_when_taken(one, adjust.counts_from.first_open) for one in rows},
            reach=accounts_reached(customer, rows),
            month=this_month(),
            tax=opened_tax_form(customer, beside=adjust.counts_from),
            may_manage=self.appbuilder.sm.has_access("can_list", "ChargePlans"),
        ), status

    @staticmethod
    def _adjust(customer: Customer, form: AdjustmentForm) -> tuple[int, bool]:
        if form.what.data != "adjust" or not form.validate():
            return 422, False
        row, status = attempt(
            form,
            lambda: adjustments.save_adjustment(
                customer,
                form.percent.data or Decimal(0),
                from_month=form.counts_from.month,
                version=form.opened_version,
            ),
            record=lambda: adjustments.adjustment_of(customer),
        )
        if row is None:
            return status, False
        flash(_("The global discount or uplift was saved."), "success")
        return status, True

    @expose("/overview/")
    @has_access
    @permission_name("show")
    def overview(self, customer_id: int) -> Any:
        """What applies to each account in a month, which level it came from and what it replaces."""
        customer = self.customer(customer_id)
        month = self._month()
        text = " ".join(request.args.get("q", "")[:200].split())
        query = (
            select(CloudAccount)
            .where(
                CloudAccount.customer_id == customer.id,
                CloudAccount.status == CloudAccountStatus.ACTIVE,
                *found_by(text),
            )
            .order_by(CloudAccount.provider_id, CloudAccount.name, CloudAccount.account_id)
        )
        accounts = paginate(db.session, query, list_page(request.args))
        return self.page(
            "charges/overview.html",
            customer,
            accounts=accounts,
            applied=applied_rows(customer, list(accounts), month),
            text=text,
            month=month,
            months=[month_after(this_month(), number) for number in range(-BACK, BACK + 1)],
            levels=Level,
        )

    @staticmethod
    def _month() -> datetime.date:
        year, _dash, number = request.args.get("month", "").partition("-")
        try:
            return datetime.date(int(year), int(number), 1)
        except ValueError:
            return this_month()

    @expose("/add/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def add(self, customer_id: int) -> Any:
        """Assign a plan: pick a provider, then the plan, and for which of the accounts it is."""
        customer = self.customer(customer_id)
        providers = [one.provider for one in customer.enablements if one.is_authorised]
        provider = next(
            (one for one in providers if one.code == request.args.get("provider")),
            providers[0] if providers else None,
        )
        form = AssignForm()
        if provider is not None:
            self._offer(form, customer, provider)
        rows, status = submit(
            form,
            lambda: assignments.assign_plan(
                customer,
                int(form.plan_id.data),
                to=form.target(),
                first_month=form.first_month.month,
                last_month=form.last_month.month,
            ),
        )
        if rows:
            flash(_("%(plan)s was assigned.", plan=rows[0].plan), "success")
            return redirect(url_for("CustomerChargesView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        return self.page(
            "charges/assign.html",
            customer,
            form=form,
            provider=provider,
            choosable=providers,
            may_manage=self.appbuilder.sm.has_access("can_list", "ChargePlans"),
        ), status

    @staticmethod
    def _offer(form: AssignForm, customer: Customer, provider: Provider) -> None:
        plans = [one for one in assignments.assignable_plans(customer) if one.provider_id == provider.id]
        accounts: Sequence[CloudAccount] = assignments.assignable_accounts(customer, provider)
        groups = members_of(customer, provider)
        form.plan_id.choices = [("", ""), *plan_choices(plans)]
        form.account_ids.choices = [
            (str(one.id), one.in_full + (f", {groups[one.id]}" if one.id in groups else ""))
            for one in accounts
        ]
        form.group_id.choices = [
            ("", ""),
            *((str(one.id), one.name) for one in groups_of(customer, provider)),
        ]
        what = assignments.months_of(customer)
        form.first_month.offer(what, is_new=True)
        form.last_month.offer(what)

    @expose("/<int:assignment_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, customer_id: int, assignment_id: int) -> Any:
        """Change the months of an assignment, or exchange its plan from a month on."""
        customer = self.customer(customer_id)
        row = assignments.find_assignment(customer, assignment_id)
        form = ChangeAssignmentForm()
        form.offer(row, assignments.assignable_plans(customer), assignments.months_of(customer))

        def change() -> Any:
            assignments.hold_assignments(customer)
            form.check_unchanged(row)
            return assignments.change_assignment(
                row,
                customer=customer,
                plan_id=int(form.plan_id.data),
                first_month=form.first_month.month,
                last_month=form.last_month.month,
            )

        saved, status = submit(
            form, change, record=lambda: assignments.find_assignment(customer, assignment_id)
        )
        if saved is not None:
            flash(_("%(plan)s was saved.", plan=saved.plan), "success")
            return redirect(url_for("CustomerChargesView.show", customer_id=customer_id))
        customer = self.customer(customer_id)
        row = assignments.find_assignment(customer, assignment_id)
        return self.page("charges/assignment.html", customer, form=form, row=row), status

    @expose("/<int:assignment_id>/remove/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove(self, customer_id: int, assignment_id: int) -> Response:
        customer = self.customer(customer_id)
        with unit_of_work(db.session):
            plan, ends = assignments.take_plan_away(customer, assignment_id)
        flash(told_end(plan, ends), "success")
        return redirect(url_for("CustomerChargesView.show", customer_id=customer_id))
