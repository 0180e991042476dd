"""What people call the customers, providers and accounts that sums are by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.extensions import db
from app.providers.models import Provider

#: So many ids in one query.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A record, as reports show it. ``values``: its custom fields."""

    id: int
    name: str
    number: str
    values: Mapping[str, Any] = field(default_factory=dict)


def customers_known(ids: Iterable[int]) -> dict[int, Known]:
    """Return customers by id."""
    found: dict[int, Known] = {}
    for some in _pieces(sorted(set(ids))):
        query = select(Customer.id, Customer.organization, Customer.number, Customer.custom_values)
        for row in db.session.execute(query.where(Customer.id.in_(some))):
            found[row.id] = Known(row.id, row.organization, f"C-{row.number}", row.custom_values)
    return found


def accounts_known(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Return cloud accounts by provider's code and account id."""
    found: dict[tuple[str, str], Known] = {}
    for some in _pieces(sorted({account for _provider, account in names})):
        query = (
            select(
                CloudAccount.id,
                CloudAccount.name,
                CloudAccount.account_id,
                CloudAccount.custom_values,
                Provider.code,
            )
            .join(Provider, Provider.id == CloudAccount.provider_id)
            .where(CloudAccount.account_id.in_(some))
        )
        for row in db.session.execute(query):
            name = row.name or row.account_id
            found[row.code, row.account_id] = Known(row.id, name, row.account_id, row.custom_values)
    return found


def provider_names() -> dict[str, str]:
    """Return providers' names by code."""
    return {row.code: row.name for row in db.session.execute(select(Provider.code, Provider.name))}


def _pieces(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
