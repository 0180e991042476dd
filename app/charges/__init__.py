"""Charges and discounts: the reseller's plans, and what a customer has of them."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """Announce the workspace section and the plans' screen."""
    from app.audit.places import add_record_page
    from app.charges import default_views, rating, sections, views, words, workspace
    from app.charges.models import ChargePlan
    from app.shell.navigation import NavItem, add_item

    sections.announce()
    add_record_page("charge_plan", ChargePlan, ("show", "ChargePlans"), "ChargePlanModelView.show")
    appbuilder.add_view_no_menu(workspace.CustomerChargesView)
    appbuilder.add_view_no_menu(views.ChargePlanModelView)
    appbuilder.add_view_no_menu(default_views.ChargeDefaultsView)
    current_app.jinja_env.globals.update(
        price_words=words.price_words, money_words=words.money_words, terms_of=rating.plan_now
    )
    add_item(
        current_app,
        NavItem(
            "settings.charges",
            _l("Charges and Discounts"),
            "percent",
            "ChargePlanModelView.list",
            ("list", "ChargePlans"),
            group="billing",
            area="settings",
        ),
    )
