"""Billing > Pricebooks."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.kernel.numbers import small_number
from app.pricebooks import services
from app.pricebooks.forms import PricebookForm
from app.pricebooks.models import Pricebook
from app.pricebooks.queries import books_by_provider
from app.providers.queries import resold_providers
from app.shell.crud import Interface
from app.shell.settings_area import SettingsModelView


class PricebookModelView(SettingsModelView):
    """Masters first, read-only, each with the reseller's copies below it."""

    datamodel = Interface(Pricebook)
    route_base = "/pricebooks"
    class_permission_name = "Pricebooks"
    parent_endpoint = None
    form = PricebookForm
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Pricebooks")
    add_title = _l("Add pricebook")
    edit_title = _l("Edit pricebook")
    add_save_label = _l("Save pricebook")
    edit_save_label = _l("Save pricebook")
    add_fieldsets = edit_fieldsets = [
        (
            _l("Pricebook"),
            {
                "fields": ["provider_id", "name", "adjustment_percent", "is_retired"],
                "text": _l(
                    "Assigned to a customer per provider. Without a pricebook the master, its list price, holds."
                ),
                "widths": {"provider_id": 3, "name": 3, "adjustment_percent": 3},
            },
        ),
    ]

    @expose("/")
    @has_access
    def list(self) -> Any:
        text = request.args.get("q", "").strip()
        groups = books_by_provider(text=text)
        return self.render_template(
            "pricebooks/list.html",
            title=self.list_title,
            groups=groups,
            count=sum(len(group.copies) for group in groups),
            text=text,
            may={verb: self.can(verb) for verb in ("add", "edit", "delete")},
        )

    def prepare(self, form: Any, row: Any) -> None:
        if row is not None:
            form.provider_id.choices = [(row.provider_id, _master(row.provider))]
            return
        form.provider_id.choices = [("", "")] + [(one.id, _master(one)) for one in resold_providers()]
        wanted = request.args.get("provider", "")
        if request.method == "GET" and any(str(key) == wanted for key, _name in form.provider_id.choices):
            form.provider_id.data = small_number(wanted)

    def create(self, form: Any) -> Pricebook:
        return services.create_pricebook(
            provider_id=form.provider_id.data,
            name=form.name.data,
            adjustment_percent=form.adjustment_percent.data,
        )

    def change(self, row: Pricebook, form: Any) -> Pricebook:
        return services.change_pricebook(row, form.data)

    def remove(self, row: Pricebook) -> None:
        services.delete_pricebook(row)


def _master(provider: Any) -> str:
    return _("%(provider)s Master", provider=provider.name)
