"""What a decision does beside moving the request: to its customer, its login, its cloud account."""

from __future__ import annotations

import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.approvals.models import ApprovalRequest, RequestType
from app.audit.log import discreetly
from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import AccountTaken, archive_account, link_account, restore_account
from app.customers.lifecycle import activate_customer, remove_customer
from app.customers.models import Customer, CustomerStatus
from app.customers.registry import has_history
from app.customers.services import hold_customer
from app.errors import Invalid, WrongState
from app.extensions import db
from app.security import accounts
from app.security.models import User, UserStatus

#: Kinds whose completion makes a cloud account.
MAKES_ACCOUNT = (RequestType.ACCOUNT_PROVISION, RequestType.ACCOUNT_LINK)


def customer_of(request: ApprovalRequest) -> Customer:
    """Return the request's customer, held until the commit; raises ``WrongState`` where it is gone or archived."""
    customer = _find_customer(request)
    if customer is None or customer.is_archived:
        raise WrongState(_("The customer of this request is archived or gone. Decline or reject it."))
    return customer


def _find_customer(request: ApprovalRequest) -> Customer | None:
    """Return the customer as it is now, with what it may buy. By its key: another scope may not have seen it."""
    found = db.session.get(Customer, request.customer_id) if request.customer_id is not None else None
    if found is None:
        return None
    customer = hold_customer(found)
    db.session.expire(customer, ["enablements"])
    return customer


def on_approval(request: ApprovalRequest, customer: Customer, *, now: datetime.datetime) -> None:
    """A sign-up: its customer and the logins that wait for approval become active. Nothing for other kinds."""
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
    customer = _find_customer(request)
    if customer is not None and customer.status is not CustomerStatus.PENDING:
        return  # somebody made it a customer by hand; what was entered is that customer's
    if customer is not None:
        _check_can_be_removed(customer)
    request.customer_id = request.requester_id = None
    request.details = {}
    with discreetly():
        if customer is not None:
            remove_customer(customer)


def _check_can_be_removed(customer: Customer) -> None:
    query = select(Customer.id).where(Customer.id == customer.id, has_history(besides="requests"))
    if db.session.scalar(query, {"this_customer": customer.id}) is not None:
        raise WrongState(_("%(name)s has history, so it cannot be removed.", name=customer.organization))


def on_completion(
    request: ApprovalRequest, *, account_id: str, name: str, support_type: str, now: datetime.datetime
) -> None:
    """A new or linked account becomes active under the id that Ops entered; one that was given back is archived."""
    if request.type in MAKES_ACCOUNT:
        request.cloud_account_id = _account(request, account_id, name, support_type, now).id
    elif request.type is RequestType.ACCOUNT_DELETE and request.cloud_account_id is not None:
        given_back = db.session.get(CloudAccount, request.cloud_account_id)
        if given_back is not None and given_back.is_active:
            archive_account(given_back, today=now.date())


def _account(
    request: ApprovalRequest, account_id: str, name: str, support_type: str, now: datetime.datetime
) -> CloudAccount:
    """Return the customer's account with this id, active. What the platform must not know is not in the refusals."""
    if request.provider is None or not account_id.strip():
        raise Invalid(_("Enter the account's id at the provider."), field="account_id")
    customer, is_new = customer_of(request), request.type is RequestType.ACCOUNT_PROVISION
    try:
        return link_account(
            customer,
            request.provider,
            account_id=account_id,
            name=name,
            support_type=support_type,
            now=now,
            from_day=request.created_at.date() if is_new else None,
        )
    except AccountTaken as taken:
        account = taken.account
        if account.customer_id != customer.id:
            raise Invalid(
                _("The reseller has an account with this id already. Check the id, or reject the request."),
                field="account_id",
            ) from None
        if not account.is_active:
            return restore_account(account, today=now.date())
        if is_new and account.created_at < request.created_at:
            raise Invalid(
                _("The customer had an account with this id before it asked for a new one. Check the id."),
                field="account_id",
            ) from None
        return account  # the reseller linked it by hand meanwhile
    except Invalid as refusal:
        if refusal.field == "provider_id":
            raise WrongState(
                _(
                    "The customer is not authorised for %(provider)s any more, so no account can be added. "
                    "Reject the request, or ask the reseller to authorise it again.",
                    provider=request.provider.name,
                )
            ) from None
        raise
