"""The customer's cloud accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select

from app.approvals.models import ENDED, ApprovalRequest, RequestType
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.cloud_accounts.queries import found_by
from app.errors import NotVisible
from app.extensions import db
from app.kernel.pagination import Page, PageRequest, page_of
from app.portal.queries.providers import PortalProvider


@dataclass(frozen=True, slots=True)
class PortalAccount:
    """An account of the customer. ``state``: active, archived, or removal_requested while that is open."""

    id: int
    name: str
    account_id: str
    support_type: str
    state: str
    provider: PortalProvider

    @property
    def shown_name(self) -> str:
        """The friendly name, else the id."""
        return self.name or self.account_id

    @property
    def is_active(self) -> bool:
        return self.state == CloudAccountStatus.ACTIVE.value


_IS_LEAVING = exists().where(
    ApprovalRequest.cloud_account_id == CloudAccount.id,
    ApprovalRequest.type == RequestType.ACCOUNT_DELETE,
    ApprovalRequest.status.not_in(ENDED),
)
_COLUMNS = (
    CloudAccount.id,
    CloudAccount.name,
    CloudAccount.account_id,
    CloudAccount.support_type,
    CloudAccount.status,
    CloudAccount.provider_id,
    _IS_LEAVING.label("is_leaving"),
)


def own_accounts(
    providers: Sequence[PortalProvider],
    wanted: PageRequest,
    *,
    text: str = "",
    status: CloudAccountStatus = CloudAccountStatus.ACTIVE,
) -> Page[PortalAccount]:
    """Return a page of the accounts of these providers, in the providers' order; ``text`` is a part of id or name."""
    if not providers:
        return page_of([], wanted)
    by_id = {one.id: one for one in providers}
    is_shown: list[ColumnElement[bool]] = [
        CloudAccount.status == status,
        CloudAccount.provider_id.in_(by_id),
        *found_by(text),
    ]
    order = case({one.id: place for place, one in enumerate(providers)}, value=CloudAccount.provider_id)
    query = (
        select(*_COLUMNS, func.count().over().label("total"))
        .where(*is_shown)
        .order_by(order, func.lower(CloudAccount.name), CloudAccount.account_id)
        .limit(wanted.size)
    )
    number = wanted.number
    rows = db.session.execute(query.offset(wanted.offset)).all()
    if not rows and number > 1:  # behind the end: the last page
        total = db.session.scalar(select(func.count(CloudAccount.id)).where(*is_shown)) or 0
        number = max(1, -(-total // wanted.size))
        rows = db.session.execute(query.offset((number - 1) * wanted.size)).all()
    items = [_account(row, by_id[row.provider_id]) for row in rows]
    return Page(number, wanted.size, rows[0].total if rows else 0, items)


def own_account(account_id: int, providers: Sequence[PortalProvider]) -> PortalAccount:
    """Return one account of these providers; raises ``NotVisible`` for any other."""
    by_id = {one.id: one for one in providers}
    query = select(*_COLUMNS).where(
        CloudAccount.id == (account_id if account_id < 2**31 else 0), CloudAccount.provider_id.in_(by_id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotVisible
    return _account(row, by_id[row.provider_id])


def _account(row: Any, provider: PortalProvider) -> PortalAccount:
    is_leaving = row.is_leaving and row.status is CloudAccountStatus.ACTIVE
    state = "removal_requested" if is_leaving else row.status.value
    return PortalAccount(row.id, row.name, row.account_id, row.support_type, state, provider)
