"""Settings > Billing > Charges and Discounts: the plans that can be given to customers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import abort, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.words import timeline_entries
from app.charges import services
from app.charges.calculator import Calculation, calculate
from app.charges.dry_run import dry_run
from app.charges.forms import CalculatorForm, ChargePlanForm
from app.charges.models import ChargePlan, PlanKind
from app.charges.queries import PlanFilter, plan_rows
from app.charges.rating import plan_from, plan_now
from app.charges.ready_made import READY_MADE, ReadyMade, ready_made
from app.errors import Invalid
from app.extensions import db
from app.kernel.numbers import small_number
from app.months.terms import earlier_terms
from app.providers.queries import resold_providers
from app.rating.plancheck import plan_problems
from app.rating.plans import Plan
from app.shell.context import current_reseller
from app.shell.crud import Interface
from app.shell.settings_area import SettingsModelView

KINDS = (
    ("support", _l("Support plans")),
    (PlanKind.CHARGE.value, _l("Charges")),
    (PlanKind.DISCOUNT.value, _l("Discounts")),
)
#: How many changes the page of a plan tells.
MOST_CHANGES = 20


class ChargePlanModelView(SettingsModelView):
    """The reseller's plans by provider."""

    datamodel = Interface(ChargePlan)
    route_base = "/settings/charges"
    class_permission_name = "ChargePlans"
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_delete"]
    exclude_route_methods = {"download", "action", "action_post"}
    form = ChargePlanForm
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Charges and Discounts")
    add_title = _l("Add plan")
    edit_title = _l("Edit plan")
    add_template = edit_template = "charges/plan_form.html"

    @expose("/")
    @has_access
    def list(self) -> Any:
        providers = resold_providers()
        wanted = PlanFilter(
            text=request.args.get("q", "").strip(),
            provider=request.args.get("provider", ""),
            kind=request.args.get("kind", ""),
        )
        if wanted.kind and wanted.kind not in dict(KINDS):
            abort(400)
        return self.render_template(
            "charges/list.html",
            title=self.list_title,
            rows=plan_rows(wanted),
            wanted=wanted,
            providers=providers,
            kinds=KINDS,
            crumbs=self.crumbs,
            may={verb: self.can(verb) for verb in ("add", "edit", "delete")},
        )

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> Any:
        """What a plan is now and was before, what it costs on a spend, and who changed it."""
        row = self._row_or_404(pk)
        asked = CalculatorForm(request.args if "spend" in request.args else None)
        found = None
        if "spend" in request.args and asked.validate():
            found = calculate(
                plan_now(row), spend=asked.spend.data or Decimal(0), accounts=asked.accounts.data or 1
            )
        entries = db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.record_type == ChargePlan.__audit_name__, AuditEntry.record_id == row.id)
            .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
            .limit(MOST_CHANGES)
        ).all()
        page = self.render_template(
            "charges/plan.html",
            title=row.name,
            row=row,
            plan=plan_now(row),
            earlier=[
                (first, last, plan_from(terms, name=row.name)) for first, last, terms in earlier_terms(row)
            ],
            asked=asked,
            calculation=found,
            entries=timeline_entries(entries),
            use=self.use_of(row),
            crumbs=[*self.crumbs[:-1], (self.list_title, self.list_url()), (row.name, None)],
            may={verb: self.can(verb) for verb in ("add", "edit", "delete")},
        )
        return page, 422 if asked.errors else 200

    @expose("/templates", methods=["GET"])
    @has_access
    @permission_name("add")
    def templates(self) -> Any:
        """The ready-made plans of the providers that the reseller may resell."""
        providers = resold_providers()
        return self.render_template(
            "charges/templates.html",
            title=_("Add from a template"),
            offers=[
                (one, plan_from(one.values(), name=one.name), provider)
                for provider in providers
                for one in READY_MADE
                if one.provider == provider.code
            ],
            crumbs=[*self.crumbs[:-1], (self.list_title, self.list_url()), (_("Add from a template"), None)],
        )

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        return self._drawn(None) if self._only_draws() else super().add()

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: Any) -> Any:
        return self._drawn(self._row_or_404(pk)) if self._only_draws() else super().edit(pk)

    @staticmethod
    def _only_draws() -> bool:
        """Does this request ask for the form again, with another line or with what it costs, and save nothing?"""
        return request.method == "POST" and bool(request.form.get("lines") or request.form.get("calculate"))

    def _drawn(self, row: ChargePlan | None) -> Any:
        form = self.form.refresh()
        self.prepare(form, row)
        goes_on_with, found, tried, status = None, None, None, 200
        if request.form.get("lines"):
            goes_on_with = form.change_lines(request.form["lines"])
        elif row is not None and request.form.get("calculate") == "month":
            plan = self._entered(form)
            tried = dry_run(row, replace(plan, id=row.id, is_support=row.is_support_plan)) if plan else None
            status = 200 if plan else 422
        else:
            found = self._calculated(form)
            status = 200 if found else 422
        page = self.render_template(
            "charges/plan_form.html",
            title=self.edit_title if row else self.add_title,
            form=form,
            modelview=self,
            item=row,
            goes_on_with=goes_on_with,
            calculation=found,
            tried=tried,
            asked_month=request.form.get("calculate") == "month" and status == 200,
        )
        return page, status

    @classmethod
    def _calculated(cls, form: Any) -> Calculation | None:
        """What the plan in the form would cost; None where that cannot be said, with the reasons beside the fields."""
        count = small_number(form.accounts.data or "1", largest=10_000)
        if not form.validate():
            return None
        if form.spend.data is None:
            form.spend.errors = [_("Enter a number.")]
        if not count:
            form.accounts.errors = [_("Enter a whole number from %(low)s to %(high)s.", low=1, high=10_000)]
        plan = cls._entered(form, is_valid=True)
        if plan is None or form.spend.data is None or not count:
            return None
        return calculate(plan, spend=form.spend.data, accounts=count)

    @staticmethod
    def _entered(form: Any, *, is_valid: bool = False) -> Plan | None:
        """The plan in the form; None where it is none, with the reasons beside the fields."""
        if not is_valid and not form.validate():
            return None
        try:
            plan = services.plan_of_values(form.values())
            problems = plan_problems(plan)
            if problems:
                raise services.PlanRefused(problems)
        except Invalid as refusal:
            form.attach(refusal)
            return None
        return plan

    def prepare(self, form: Any, row: Any) -> None:
        if row is not None:
            form.counts_from.offer(services.months_of_plan(row), given=row.counts_from)
            form.provider_id.choices = [(row.provider_id, row.provider.name)]
            if request.method == "GET":
                form.show_bands(row.bands)
            return
        providers = resold_providers()
        form.provider_id.choices = [("", "")] + [(one.id, one.name) for one in providers]
        del form.counts_from  # what is new counts in all months in which it is valid
        if request.method == "GET":
            reseller = current_reseller()
            form.currency.data = reseller.currency if reseller else "EUR"
            form.show_bands(())
            template = self.template()
            if template is not None:
                form.show(template.values())
                form.provider_id.data = next(
                    (one.id for one in providers if one.code == template.provider), None
                )

    @staticmethod
    def template() -> ReadyMade | None:
        """The ready-made plan that this request starts from."""
        return ready_made(request.args.get("template", ""))

    def create(self, form: Any) -> ChargePlan:
        return services.create_plan(provider_id=form.provider_id.data, values=form.values())

    def change(self, row: ChargePlan, form: Any) -> ChargePlan:
        return services.change_plan(
            row,
            provider_id=form.provider_id.data,
            values=form.values(),
            from_month=form.counts_from.month,
        )

    def remove(self, row: ChargePlan) -> None:
        services.delete_plan(row)
