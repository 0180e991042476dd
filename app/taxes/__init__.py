"""Tax rates: what a reseller puts on its customers' statements."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the tax rates in the settings."""
    from app.audit.places import add_record_page
    from app.shell.navigation import NavItem, add_item
    from app.taxes.models import TaxRate
    from app.taxes.views import TaxRateModelView

    appbuilder.add_view_no_menu(TaxRateModelView)
    add_record_page("tax_rate", TaxRate, ("edit", "TaxRates"), "TaxRateModelView.edit")
    add_item(
        current_app,
        NavItem(
            "settings.taxes",
            _l("Taxes"),
            "landmark",
            "TaxRateModelView.list",
            ("list", "TaxRates"),
            group="billing",
            area="settings",
        ),
    )
