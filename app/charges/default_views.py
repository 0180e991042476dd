"""Settings > Billing > Charges and Discounts > Defaults: what all customers have who have nothing of their own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.charges import assignments
from app.charges.assignment_forms import ChangeAssignmentForm, DefaultForm, plan_choices
from app.charges.queries import reach_of_defaults
from app.charges.workspace import told_end
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.months.locks import first_open_month
from app.providers.queries import resold_providers
from app.shell.pages import PageView, submit


class ChargeDefaultsView(PageView):
    """The reseller-wide defaults, provider by provider."""

    route_base = "/settings/charges/defaults"
    class_permission_name = "ChargePlans"

    def _crumbs(self, *more: str) -> list[tuple[str, str | None]]:
        above: list[tuple[str, str | None]] = [
            (_("Settings"), url_for("SettingsView.show")),
            (_("Charges and Discounts"), url_for("ChargePlanModelView.list")),
        ]
        here = url_for("ChargeDefaultsView.show") if more else None
        return [*above, (_("Defaults"), here), *((one, None) for one in more)]

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        form = DefaultForm()
        what = assignments.months_of(None)
        form.plan_id.choices = [
            ("", ""),
            *plan_choices(assignments.assignable_plans(None), with_provider=True),
        ]
        form.first_month.offer(what, is_new=True)
        form.last_month.offer(what)
        rows, status = submit(
            form,
            lambda: assignments.assign_plan(
                None,
                int(form.plan_id.data),
                first_month=form.first_month.month,
                last_month=form.last_month.month,
            ),
        )
        if rows:
            flash(_("%(plan)s is a default of all customers now.", plan=rows[0].plan), "success")
            return redirect(url_for("ChargeDefaultsView.show"))
        found = assignments.assignments_of(None)
        first_open = first_open_month(what)
        page = self.render_template(
            "charges/defaults.html",
            title=_("Defaults"),
            crumbs=self._crumbs(),
            form=form,
            rows=found,
            ends={one.id: assignments.ends_when_taken(one, first_open) for one in found},
            providers=resold_providers(),
            reach=reach_of_defaults(),
        )
        return page, status

    @expose("/<int:assignment_id>/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, assignment_id: int) -> Any:
        row = assignments.find_assignment(None, assignment_id)
        form = ChangeAssignmentForm()
        form.offer(row, assignments.assignable_plans(None), assignments.months_of(None))

        def change() -> Any:
            assignments.hold_assignments(None)
            form.check_unchanged(row)
            return assignments.change_assignment(
                row,
                customer=None,
                plan_id=int(form.plan_id.data),
                first_month=form.first_month.month,
                last_month=form.last_month.month,
            )

        saved, status = submit(form, change, record=lambda: assignments.find_assignment(None, assignment_id))
        if saved is not None:
            flash(_("%(plan)s was saved.", plan=saved.plan), "success")
            return redirect(url_for("ChargeDefaultsView.show"))
        row = assignments.find_assignment(None, assignment_id)
        page = self.render_template(
            "charges/default.html", title=str(row), crumbs=self._crumbs(str(row)), form=form, row=row
        )
        return page, status

    @expose("/<int:assignment_id>/remove/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove(self, assignment_id: int) -> Response:
        with unit_of_work(db.session):
            plan, ends = assignments.take_plan_away(None, assignment_id)
        flash(told_end(plan, ends), "success")
        return redirect(url_for("ChargeDefaultsView.show"))
