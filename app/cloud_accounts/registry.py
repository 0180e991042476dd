"""Where the slices above announce what they show in a customer's Cloud Accounts, so that this slice need not know them.

A way to get an account beside linking one, something to do with one account, and panels below the list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.providers.models import Provider

#: What a menu or a head offers: label, icon, url, as ``macros/table.html`` takes it. None where it is not offered.
Action = dict[str, Any]

HEAD_ACTIONS: dict[str, Callable[[Customer, Sequence[Provider]], Action | None]] = {}
ROW_ACTIONS: dict[str, Callable[[Customer, CloudAccount], Action | None]] = {}
PANELS: dict[str, Callable[[Customer], Markup]] = {}


def add_head_action(key: str, action_of: Callable[[Customer, Sequence[Provider]], Action | None]) -> None:
    """Announce a way to get an account of one of the providers of which the customer may get more."""
    HEAD_ACTIONS[key] = action_of


def add_row_action(key: str, action_of: Callable[[Customer, CloudAccount], Action | None]) -> None:
    """Announce something to do with one account."""
    ROW_ACTIONS[key] = action_of


def add_panel(key: str, panel_of: Callable[[Customer], Markup]) -> None:
    """Announce a panel below the list; it may be empty."""
    PANELS[key] = panel_of


def head_actions(customer: Customer, buyable: Sequence[Provider]) -> list[Action]:
    """Return what the section's head offers for this customer."""
    return [found for action_of in HEAD_ACTIONS.values() if (found := action_of(customer, buyable))]


def row_actions(customer: Customer, account: CloudAccount) -> list[Action]:
    """Return what the menu of one account offers."""
    return [found for action_of in ROW_ACTIONS.values() if (found := action_of(customer, account))]


def panels(customer: Customer) -> list[Markup]:
    """Return the panels that have something to say of this customer."""
    return [found for panel_of in PANELS.values() if (found := panel_of(customer))]
