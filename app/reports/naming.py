"""What people call the customers, providers and accounts that sums are by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, inspect, or_, select, true
from sqlalchemy.orm.util import identity_key

from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.ownership import MOST_SUGGESTED
from app.customers.models import Customer, CustomerStatus
from app.extensions import db
from app.providers.models import Provider
from app.reports.priced_months import months_now
from app.reports.remembered import remembered

#: So many ids are looked up one by one.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A record, as reports show it. ``values``: its custom fields; ``key``: the name as names are compared."""

    id: int
    name: str
    number: str
    values: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    is_active: bool = True


def customers_known(ids: Iterable[int], *, suggesting: bool = False) -> dict[int, Known]:
    """Return customers by id: of very many at once, all that there are, so that it is one statement always.

    ``suggesting``: the page asks for ``suggested`` besides, so that they are read by the same statement.
    """
    wanted = sorted(set(ids))
    if len(wanted) > _AT_ONCE:
        return remembered("customers", lambda: _customers(true()))
    found = {row.id: _known(row) for row in map(_at_hand, wanted) if row is not None}
    unknown = [one for one in wanted if one not in found]
    if unknown and suggesting:
        read = _customers(or_(Customer.id.in_(unknown), Customer.id.in_(_SUGGESTED)))
        remembered("suggested", lambda: _suggested_of(read))
        return found | read
    return found | _customers(Customer.id.in_(unknown)) if unknown else found


_SUGGESTED = select(
    select(Customer.id)
    .where(Customer.status == CustomerStatus.ACTIVE)
    .order_by(Customer.organization_key)
    .limit(MOST_SUGGESTED)
    .subquery()
    .c.id
)


def suggested() -> list[Known]:
    """Return active customers by name, as many as a form can suggest."""
    return remembered("suggested", lambda: _suggested_of(_customers(Customer.id.in_(_SUGGESTED))))


def _suggested_of(read: Mapping[int, Known]) -> list[Known]:
    """Return the first of those that were read: nobody who comes before them by name is missing there."""
    active = sorted((one for one in read.values() if one.is_active), key=lambda one: one.key)
    return active[:MOST_SUGGESTED]


def _at_hand(key: int) -> Customer | None:
    """Return a customer that the session has in hand already: whoever looks at its page, or its own portal."""
    row = db.session.identity_map.get(identity_key(Customer, key))
    return row if row is not None and not inspect(row).expired else None


def _known(row: Customer) -> Known:
    is_active = row.status is CustomerStatus.ACTIVE
    return Known(
        row.id, row.organization, row.account_number, row.custom_values, row.organization_key, is_active
    )


def _customers(which: ColumnElement[bool]) -> dict[int, Known]:
    query = select(
        Customer.id,
        Customer.organization,
        Customer.number,
        Customer.custom_values,
        Customer.organization_key,
        Customer.status,
    ).where(which)
    return {
        key: Known(key, name, f"C-{number}", values, folded, status is CustomerStatus.ACTIVE)
        for key, name, number, values, folded, status in db.session.execute(query)
    }


def accounts_known(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Return cloud accounts by provider's code and account id, as ``customers_known`` does customers."""
    wanted = sorted({account for _provider, account in names})
    if len(wanted) > _AT_ONCE:
        return remembered("accounts", lambda: _accounts(true()))
    return _accounts(CloudAccount.account_id.in_(wanted)) if wanted else {}


def _accounts(which: ColumnElement[bool]) -> dict[tuple[str, str], Known]:
    query = (
        select(
            CloudAccount.id,
            CloudAccount.name,
            CloudAccount.account_id,
            CloudAccount.custom_values,
            Provider.code,
        )
        .join(Provider, Provider.id == CloudAccount.provider_id)
        .where(which)
    )
    return {
        (code, account): Known(key, name or account, account, values)
        for key, name, account, values, code in db.session.execute(query)
    }


def provider_names() -> Mapping[str, str]:
    """Return the names of providers that usage came of, by their codes."""
    return months_now().provider_names
