"""Settings > Billing > Taxes."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from app.kernel.places import country_name
from app.shell.crud import Interface
from app.shell.formats import badge, percent_text
from app.shell.settings_area import SettingsModelView
from app.taxes import services
from app.taxes.forms import TaxRateForm
from app.taxes.models import TaxRate


class TaxRateModelView(SettingsModelView):
    """The reseller's tax rates."""

    datamodel = Interface(TaxRate)
    route_base = "/settings/taxes"
    class_permission_name = "TaxRates"
    form = TaxRateForm
    list_columns = ["name", "percent", "country", "region", "postal_code", "is_retired"]
    search_columns = ["name"]
    order_columns = ["name", "percent", "country"]
    base_order = ("name", "asc")
    quick_search = "name"
    label_columns = {
        "name": _l("Name"),
        "percent": _l("Rate"),
        "country": _l("Country"),
        "region": _l("Region"),
        "postal_code": _l("Postal code"),
        "is_retired": _l("Status"),
    }
    formatters_columns = {
        "percent": percent_text,
        "country": lambda code: country_name(code, str(get_locale() or "en")),
        "is_retired": lambda retired: badge("retired" if retired else "active"),
    }
    number_columns = ("percent",)
    secondary_columns = ("region", "postal_code")
    list_title = _l("Taxes")
    add_title = _l("Add tax rate")
    edit_title = _l("Edit tax rate")
    list_note = _l("Several rates of one customer add up on the same base, never on top of each other.")
    add_label = _l("Add tax rate")
    add_save_label = _l("Save tax rate")
    edit_save_label = _l("Save tax rate")
    delete_text = _l("Only a rate that no customer pays can be removed. This cannot be undone.")
    empty_icon = "landmark"
    empty_title = _l("No tax rates yet")
    empty_text = _l(
        "Add the rates that your customers pay, such as VAT 19 %, then choose them in a customer's Tax section."
    )
    add_fieldsets = edit_fieldsets = [
        (
            _l("Rate"),
            {
                "fields": ["name", "percent", "is_retired"],
                "text": _l("What is printed, and how much it is."),
                "widths": {"name": 4, "percent": 2},
            },
        ),
        (
            _l("Where it holds"),
            {
                "fields": ["country", "region", "postal_code"],
                "text": _l("For your own order; the rate applies to the customers you give it to."),
                "widths": {"country": 3, "region": 3, "postal_code": 3},
            },
        ),
    ]

    def create(self, form: Any) -> TaxRate:
        return services.create_tax_rate(form.data)

    def change(self, row: TaxRate, form: Any) -> TaxRate:
        return services.change_tax_rate(row, form.data)

    def remove(self, row: TaxRate) -> None:
        services.delete_tax_rate(row)
