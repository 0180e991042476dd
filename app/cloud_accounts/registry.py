"""Where the slices above announce what they show in a customer's Cloud Accounts, so that this slice need not know them.

A way to get an account beside linking one, something to do with one account, panels below the list and on an account's
page, states beside its own, what keeps an account from moving, what happens when it does, and what goes with it.
"""

from __future__ import annotations

import datetime
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
ACCOUNT_PANELS: dict[str, Callable[[Customer, CloudAccount], Markup]] = {}
STATES: dict[str, Callable[[Sequence[CloudAccount]], dict[int, str]]] = {}
MOVE_KEEPERS: dict[str, Callable[[Sequence[CloudAccount]], None]] = {}
MOVE_HEARERS: dict[str, Callable[[CloudAccount, Customer | None, datetime.date | None], None]] = {}
BELONGINGS: dict[str, type[Any]] = {}


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


def add_account_panel(key: str, panel_of: Callable[[Customer, CloudAccount], Markup]) -> None:
    """Announce a panel on the page of one account, such as the groups it is in; it may be empty."""
    ACCOUNT_PANELS[key] = panel_of


def account_panels(customer: Customer, account: CloudAccount) -> list[Markup]:
    """Return the panels that have something to say of this account."""
    return [found for panel_of in ACCOUNT_PANELS.values() if (found := panel_of(customer, account))]


def add_state(key: str, states_of: Callable[[Sequence[CloudAccount]], dict[int, str]]) -> None:
    """Announce a state that an active account can be in beside its own: id -> word of the vocabulary."""
    STATES[key] = states_of


def states_of(accounts: Sequence[CloudAccount]) -> dict[int, object]:
    """Return account's id -> what its badge says, in a constant number of statements."""
    found: dict[int, object] = {one.id: one.status for one in accounts}
    active = [one for one in accounts if one.is_active]
    for more in STATES.values():
        found.update(more(active) if active else {})
    return found


def add_move_keeper(key: str, check: Callable[[Sequence[CloudAccount]], None]) -> None:
    """Announce what keeps accounts from going to another customer: ``check`` raises ``WrongState``, in words."""
    MOVE_KEEPERS[key] = check


def check_may_move(accounts: Sequence[CloudAccount]) -> None:
    """Raise ``WrongState`` when one of the accounts is not to go to another customer now."""
    for check in MOVE_KEEPERS.values():
        check(accounts)


def add_move_hearer(
    key: str, hear: Callable[[CloudAccount, Customer | None, datetime.date | None], None]
) -> None:
    """Announce what else follows when an account goes: called with it, the new customer and the first day.

    Called in the same transaction, while ``account.customer`` is still the one that had it.
    """
    MOVE_HEARERS[key] = hear


def tell_of_move(account: CloudAccount, to: Customer | None, from_day: datetime.date | None) -> None:
    """Let everybody follow a move."""
    for hear in MOVE_HEARERS.values():
        hear(account, to, from_day)


def add_belongings(model: type[Any]) -> None:
    """Announce rows that are mere settings of an account (``cloud_account_id``) and go when it is deleted."""
    BELONGINGS[model.__tablename__] = model
