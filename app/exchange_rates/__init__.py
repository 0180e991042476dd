"""Exchange rates of a reseller, by month and pair of currencies."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Show the exchange rates in the settings."""
    from app.audit.places import add_record_page
    from app.exchange_rates.models import ExchangeRate
    from app.exchange_rates.views import ExchangeRateModelView
    from app.shell.navigation import NavItem, add_item

    appbuilder.add_view_no_menu(ExchangeRateModelView)
    add_record_page("exchange_rate", ExchangeRate, ("edit", "ExchangeRates"), "ExchangeRateModelView.edit")
    add_item(
        current_app,
        NavItem(
            "settings.exchange_rates",
            _l("Exchange Rates"),
            "arrow-right-arrow-left",
            "ExchangeRateModelView.list",
            ("list", "ExchangeRates"),
            group="billing",
            area="settings",
        ),
    )
