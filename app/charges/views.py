"""Settings > Billing > Charges and Discounts: the plans that can be given to customers."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_appbuilder import expose, has_access
from flask_babel import lazy_gettext as _l

from app.charges import services
from app.charges.forms import ChargePlanForm
from app.charges.models import ChargePlan, PlanKind
from app.charges.queries import PlanFilter, plan_rows
from app.providers.queries import resold_providers
from app.shell.context import current_reseller
from app.shell.crud import Interface
from app.shell.settings_area import SettingsModelView

KINDS = (
    ("support", _l("Support plans")),
    (PlanKind.CHARGE.value, _l("Charges")),
    (PlanKind.DISCOUNT.value, _l("Discounts")),
)


class ChargePlanModelView(SettingsModelView):
    """The reseller's plans by provider."""

    datamodel = Interface(ChargePlan)
    route_base = "/settings/charges"
    class_permission_name = "ChargePlans"
    form = ChargePlanForm
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Charges and Discounts")
    add_title = _l("Add plan")
    edit_title = _l("Edit plan")
    add_save_label = _l("Save plan")
    edit_save_label = _l("Save plan")
    add_fieldsets = edit_fieldsets = [
        (
            _l("Plan"),
            {
                "fields": ["provider_id", "name", "line_text", "is_support_plan"],
                "text": _l("What it is for, and what the statement says."),
                "widths": {"provider_id": 3, "name": 3},
            },
        ),
        (
            _l("Price"),
            {
                "fields": ["kind", "type", "percent", "amount", "currency"],
                "text": _l("Either a percentage or an amount; the other field stays empty."),
                "widths": {"percent": 2, "amount": 2, "currency": 2},
            },
        ),
        (
            _l("Use"),
            {
                "fields": ["is_retired"],
                "text": _l("Whether it is offered."),
            },
        ),
    ]

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

    def prepare(self, form: Any, row: Any) -> None:
        if row is not None:
            form.provider_id.choices = [(row.provider_id, row.provider.name)]
            return
        form.provider_id.choices = [("", "")] + [(one.id, one.name) for one in resold_providers()]
        if request.method == "GET":
            reseller = current_reseller()
            form.currency.data = reseller.currency if reseller else "EUR"

    def create(self, form: Any) -> ChargePlan:
        return services.create_plan(provider_id=form.provider_id.data, values=form.data)

    def change(self, row: ChargePlan, form: Any) -> ChargePlan:
        return services.change_plan(row, provider_id=form.provider_id.data, values=form.data)

    def remove(self, row: ChargePlan) -> None:
        services.delete_plan(row)
