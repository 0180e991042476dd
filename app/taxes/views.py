"""Settings > Billing > Taxes."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_appbuilder import expose, has_access
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from app.kernel.clock import utc_now
from app.kernel.places import country_codes, country_name
from app.months.terms import earlier_terms
from app.rating.months import first_day
from app.shell.crud import Interface
from app.shell.settings_area import SettingsModelView
from app.taxes import services
from app.taxes.forms import TaxRateForm
from app.taxes.models import TaxRate
from app.taxes.queries import RateFilter, countries_with_rates, rate_rows


class TaxRateModelView(SettingsModelView):
    """The reseller's tax rates."""

    datamodel = Interface(TaxRate)
    route_base = "/settings/taxes"
    class_permission_name = "TaxRates"
    form = TaxRateForm
    edit_template = "taxes/edit.html"
    list_columns = ["name"]
    search_columns = ["name"]
    list_title = _l("Taxes")
    add_title = _l("Add tax rate")
    edit_title = _l("Edit tax rate")
    add_save_label = _l("Save tax rate")
    edit_save_label = _l("Save tax rate")
    add_fieldsets = edit_fieldsets = [
        (
            _l("Rate"),
            {
                "fields": ["name", "percent", "counts_from", "is_retired"],
                "text": _l("What is printed, how much it is, and from which month."),
                "widths": {"name": 6, "percent": 2, "counts_from": 4},
            },
        ),
        (
            _l("Where it holds"),
            {
                "fields": ["country", "region", "postal_code"],
                "text": _l(
                    "It is suggested to customers there. Who pays it is decided customer by customer."
                ),
                "widths": {"country": 3, "region": 3, "postal_code": 3},
            },
        ),
    ]

    @expose("/")
    @has_access
    def list(self) -> Any:
        wanted = RateFilter(text=request.args.get("q", "").strip(), country=request.args.get("country", ""))
        if wanted.country and wanted.country not in country_codes():
            abort(400)
        language = str(get_locale() or "en")
        countries = [(code, country_name(code, language)) for code in countries_with_rates()]
        names = dict(countries)
        rows = rate_rows(wanted, first_day(utc_now().date()))
        rows.sort(key=lambda one: (one.rate.is_retired, names[one.rate.country]))
        return self.render_template(
            "taxes/list.html",
            title=self.list_title,
            rows=rows,
            wanted=wanted,
            countries=sorted(countries, key=lambda one: one[1]),
            country_names=names,
            crumbs=self.crumbs,
            may={verb: self.can(verb) for verb in ("add", "edit", "delete")},
        )

    def prepare(self, form: Any, row: Any) -> None:
        form.counts_from.offer(services.months_of(row) if row else [], given=row.counts_from if row else None)

    def earlier(self, row: TaxRate) -> Any:
        """What the rate was in earlier months: (first month, last month, percentage), the latest first."""
        return [(first, last, terms["percent"]) for first, last, terms in earlier_terms(row)]

    def create(self, form: Any) -> TaxRate:
        return services.create_tax_rate(form.data, from_month=form.counts_from.month)

    def change(self, row: TaxRate, form: Any) -> TaxRate:
        return services.change_tax_rate(row, form.data, from_month=form.counts_from.month)

    def remove(self, row: TaxRate) -> None:
        services.delete_tax_rate(row)
