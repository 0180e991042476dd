"""What this slice shows of a customer elsewhere: its section, a column of the list, a count on Home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import bindparam, func, select

from app.cloud_accounts.group_models import AccountGroup, AccountGroupMember
from app.cloud_accounts.groups import leave_when_moved
from app.cloud_accounts.models import AccountPeriod, CloudAccount, CloudAccountStatus
from app.cloud_accounts.registry import add_head_action, add_move_hearer
from app.customers.models import Customer
from app.customers.registry import (
    THIS_CUSTOMER,
    ListColumn,
    Section,
    Task,
    add_belongings,
    add_figure,
    add_history,
    add_list_column,
    add_provider_use,
    add_section,
    add_task,
)
from app.extensions import db
from app.providers.models import Provider
from app.shell.context import may

_ACCOUNTS = select(func.count(CloudAccount.id)).where(
    CloudAccount.customer_id == THIS_CUSTOMER, CloudAccount.status == CloudAccountStatus.ACTIVE
)
_ACCOUNTS_OF = (
    select(CloudAccount.customer_id, func.count(CloudAccount.id))
    .where(
        CloudAccount.customer_id.in_(bindparam("customers", expanding=True)),
        CloudAccount.status == CloudAccountStatus.ACTIVE,
    )
    .group_by(CloudAccount.customer_id)
)
_ANY_ACCOUNT = select(CloudAccount.id).where(CloudAccount.customer_id == THIS_CUSTOMER).limit(1)
_ANY_PERIOD = select(AccountPeriod.id).where(AccountPeriod.customer_id == THIS_CUSTOMER).limit(1)


def _counts_of(customers: Sequence[Customer]) -> dict[int, int]:
    ids = [one.id for one in customers]
    found = dict.fromkeys(ids, 0)
    rows = db.session.execute(_ACCOUNTS_OF, {"customers": ids})
    found.update((customer_id, count) for customer_id, count in rows)
    return found


def _accounts_of(customer: Customer, provider: Provider) -> str:
    query = select(func.count(CloudAccount.id)).where(
        CloudAccount.customer_id == customer.id,
        CloudAccount.provider_id == provider.id,
        CloudAccount.status == CloudAccountStatus.ACTIVE,
    )
    found = db.session.scalar(query) or 0
    return ngettext("%(num)s account", "%(num)s accounts", found) if found else ""


def _active_accounts() -> tuple[int, int]:
    """Return how many active accounts are customers', and how many are nobody's; counted once in a request."""
    if "active_accounts" not in g:
        query = select(func.count(CloudAccount.customer_id), func.count(CloudAccount.id)).where(
            CloudAccount.status == CloudAccountStatus.ACTIVE
        )
        owned, total = db.session.execute(query).one()
        g.active_accounts = owned, total - owned
    found: tuple[int, int] = g.active_accounts
    return found


def count_on_home() -> dict[str, Any]:
    """Return the active accounts of all customers."""
    owned, _nobodys = _active_accounts()
    return {"label": _("Cloud accounts"), "value": owned}


def unassigned_task() -> Task | None:
    """Return what Home says of accounts that are nobody's, for whoever may assign them."""
    if not may("edit", "UnassignedAccounts"):
        return None
    _owned, number = _active_accounts()
    if not number:
        return None
    return Task(
        "warning",
        "link-slash",
        ngettext(
            "%(num)s cloud account belongs to no customer",
            "%(num)s cloud accounts belong to no customer",
            number,
        ),
        _("Their usage stands on nobody's statement."),
        _("Assign accounts"),
        url_for("UnassignedAccountsView.list"),
    )


def _groups_of(customer: Customer, _buyable: Sequence[Provider]) -> dict[str, Any]:
    return {
        "label": _("Account groups"),
        "icon": "layer-group",
        "url": url_for("CustomerGroupsView.show", customer_id=customer.id),
    }


def announce() -> None:
    """Announce all of it."""
    add_section(
        Section(
            "accounts",
            _l("Cloud Accounts"),
            "server",
            "CustomerAccountsView.show",
            ("list", "CustomerAccounts"),
            50,
            in_billing_folder=True,
            count=_ACCOUNTS.scalar_subquery(),
            records=("cloud_account", "account_period", "account_group", "account_group_member"),
        )
    )
    add_belongings(AccountGroupMember)
    add_belongings(AccountGroup)
    add_head_action("groups", _groups_of)
    add_move_hearer("group", leave_when_moved)
    add_history("accounts", _ANY_ACCOUNT.scalar_subquery())
    add_history("account_periods", _ANY_PERIOD.scalar_subquery())
    add_task("unassigned_accounts", unassigned_task)
    add_figure("accounts", count_on_home)
    add_provider_use("accounts", _accounts_of)
    add_list_column(ListColumn("accounts", _l("Accounts"), _counts_of, 20, is_number=True))
