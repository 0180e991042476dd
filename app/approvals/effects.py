"""What a decision does beside moving the request: to its customer, its login, its cloud account."""

from __future__ import annotations

import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.approvals.models import ApprovalRequest, RequestType
from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import archive_account, link_account
from app.customers.lifecycle import activate_customer, remove_customer
from app.customers.models import Customer, CustomerStatus
from app.customers.services import hold_customer
from app.errors import Invalid, WrongState
from app.extensions import db
from app.security import accounts
from app.security.models import User, UserStatus

#: Kinds whose completion makes a cloud account.
MAKES_ACCOUNT = (RequestType.ACCOUNT_PROVISION, RequestType.ACCOUNT_LINK)


def customer_of(request: ApprovalRequest) -> Customer:
    """Return the request's customer, held until the commit; raises ``WrongState`` where it is gone or archived."""
    customer = hold_customer(request.customer) if request.customer is not None else None
    if customer is None or customer.is_archived:
        raise WrongState(_("The customer of this request is archived or gone. Decline or reject it."))
    return customer


def on_approval(request: ApprovalRequest, *, now: datetime.datetime) -> None:
    """A sign-up: its customer and the logins that wait for approval become active. Other kinds: it is still there."""
    customer = customer_of(request)
    if request.type is not RequestType.SIGNUP:
        return
    if customer.status is CustomerStatus.PENDING:
        activate_customer(customer, now=now)
    waiting = select(User).where(User.customer_id == customer.id, User.status == UserStatus.PENDING_APPROVAL)
    for user in db.session.scalars(waiting):
        accounts.set_status(user, UserStatus.ACTIVE)


def on_decline(request: ApprovalRequest) -> None:
    """A sign-up: the pending customer, its logins and what was entered go; the address may sign up again."""
    if request.type is not RequestType.SIGNUP:
        return
    customer = request.customer
    request.customer = request.customer_id = request.requester_id = None
    request.details = {}
    db.session.flush()
    if customer is not None and customer.status is CustomerStatus.PENDING:
        remove_customer(customer)


def on_completion(
    request: ApprovalRequest, *, account_id: str, name: str, support_type: str, now: datetime.datetime
) -> None:
    """A new or linked account becomes active under the id that Ops entered; one that was given back is archived."""
    if request.type in MAKES_ACCOUNT:
        if request.provider is None or not account_id.strip():
            raise Invalid(_("Enter the account's id at the provider."), field="account_id")
        account = link_account(
            customer_of(request),
            request.provider,
            account_id=account_id,
            name=name or str(request.details.get("name", "")),
            support_type=support_type or str(request.details.get("support_type", "")),
            now=now,
        )
        request.cloud_account_id = account.id
    elif request.type is RequestType.ACCOUNT_DELETE:
        given_back: CloudAccount | None = (
            db.session.get(CloudAccount, request.cloud_account_id) if request.cloud_account_id else None
        )
        if given_back is not None and given_back.is_active:
            archive_account(given_back)
