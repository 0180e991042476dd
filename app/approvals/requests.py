"""What can be asked for, and when: accounts at a provider, their removal, a provider.

The same rules for a customer in the portal and for the reseller in the console, whose own requests go straight to Cloud
Ops (``is_forwarded``). What the portal offers at all, its settings say; that is the portal's to ask. A refusal never
tells a customer what another one has.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.approvals.models import STILL_OPEN, ApprovalRequest, RequestType
from app.approvals.services import open_request
from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.cloud_accounts.services import check_support_type, normal_account_id
from app.customers.models import Customer, CustomerStatus
from app.customers.queries import buyable_providers, provider_rows
from app.customers.services import check_is_active
from app.errors import Invalid, NotVisible, WrongState
from app.extensions import db
from app.providers.models import Provider
from app.tenancy.models import Reseller
from app.tenancy.scope import reseller_scope

#: Providers, by code, at which a new account is made under an email address that was never used there (domain, 9.2).
NEEDS_ROOT_EMAIL = frozenset({"aws"})
#: Providers that name the new account after its friendly name (domain, 9.3).
NEEDS_NAME = frozenset({"azure"})


def requestable_providers(customer: Customer) -> list[Provider]:
    """Return the providers at which accounts can be asked for: authorised, and not withdrawn from the reseller."""
    return buyable_providers(customer) if customer.status is CustomerStatus.ACTIVE else []


def enableable_providers(customer: Customer) -> list[Provider]:
    """Return the providers that can be asked for: offered by the reseller, and the customer may not buy them yet."""
    if customer.status is not CustomerStatus.ACTIVE:
        return []
    return [row.provider for row in provider_rows(customer) if row.is_offered and not row.is_authorised]


def request_account(
    *,
    customer: Customer,
    provider: Provider,
    details: Mapping[str, str],
    requester: Any,
    now: datetime.datetime,
    is_forwarded: bool = False,
) -> ApprovalRequest:
    """Ask for a new account. ``details``: name, root_email, support_type, remark, as ``provision_form`` takes them."""
    _check_can_ask(customer, provider)
    if provider.code in NEEDS_NAME and not details.get("name"):
        raise Invalid(_("Enter a name: the account is made under it."), field="name")
    check_support_type(provider, details.get("support_type", ""))
    if provider.code in NEEDS_ROOT_EMAIL:
        _check_root_email(customer, details.get("root_email", ""))
    return open_request(
        RequestType.ACCOUNT_PROVISION,
        customer=customer,
        provider=provider,
        details=details,
        requester=requester,
        now=now,
        is_forwarded=is_forwarded,
    )


def request_link(
    *,
    customer: Customer,
    provider: Provider,
    details: Mapping[str, str],
    requester: Any,
    now: datetime.datetime,
    is_forwarded: bool = False,
) -> ApprovalRequest:
    """Ask for an account that exists to be linked. ``details``: account_id, name, root_email, support_type, remark."""
    _check_can_ask(customer, provider)
    account_id = normal_account_id(provider, details.get("account_id", ""))
    check_support_type(provider, details.get("support_type", ""))
    is_linked = select(CloudAccount.id).where(
        CloudAccount.customer_id == customer.id,
        CloudAccount.provider_id == provider.id,
        CloudAccount.account_id == account_id,
        CloudAccount.status == CloudAccountStatus.ACTIVE,
    )
    if db.session.scalar(is_linked) is not None:
        raise Invalid(_("This account is linked already."), field="account_id")
    return open_request(
        RequestType.ACCOUNT_LINK,
        customer=customer,
        provider=provider,
        details={**details, "account_id": account_id},
        requester=requester,
        now=now,
        is_forwarded=is_forwarded,
    )


def request_removal(
    *,
    customer: Customer,
    account: CloudAccount,
    details: Mapping[str, str],
    requester: Any,
    now: datetime.datetime,
    is_forwarded: bool = False,
) -> ApprovalRequest:
    """Ask for an account to be removed. ``details``: reason. The account's id and name are noted with it."""
    check_is_active(customer)
    if account.customer_id != customer.id:
        raise NotVisible
    if not account.is_active:
        raise WrongState(_("This account is archived already."))
    if not details.get("reason"):
        raise Invalid(_("Say why."), field="reason")
    noted = {"account_id": account.account_id} | ({"name": account.name} if account.name else {})
    return open_request(
        RequestType.ACCOUNT_DELETE,
        customer=customer,
        provider=account.provider,
        account=account,
        details={**noted, **details},
        requester=requester,
        now=now,
        is_forwarded=is_forwarded,
    )


def request_provider(
    *,
    customer: Customer,
    provider: Provider,
    details: Mapping[str, str],
    requester: Any,
    now: datetime.datetime,
    is_forwarded: bool = False,
) -> ApprovalRequest:
    """Ask for a provider that the customer may not buy yet. ``details``: remark."""
    check_is_active(customer)
    row = next((one for one in provider_rows(customer) if one.provider.id == provider.id), None)
    if row is not None and row.is_authorised:
        raise WrongState(_("%(provider)s can be bought already.", provider=provider.name))
    if row is None or not row.is_offered:
        raise Invalid(_("Choose one of the providers of the list."), field="provider_id")
    return open_request(
        RequestType.PROVIDER_ENABLEMENT,
        customer=customer,
        provider=provider,
        details=details,
        requester=requester,
        now=now,
        is_forwarded=is_forwarded,
    )


def _check_can_ask(customer: Customer, provider: Provider) -> None:
    check_is_active(customer)
    if provider.id not in {one.id for one in requestable_providers(customer)}:
        raise Invalid(
            _("No account of %(provider)s can be asked for: it is not authorised.", provider=provider.name),
            field="provider_id",
        )


def _check_root_email(customer: Customer, email: str) -> None:
    """A provider takes an address once: two requests with the same one could not both be done."""
    if not email:
        raise Invalid(_("Enter an email address in the form name@example.com."), field="root_email")
    # A customer sees its own requests only, and the address must be new among all of the reseller's.
    with reseller_scope(customer.reseller_id):
        db.session.execute(  # one after the other: of two at once the second sees the first one's
            select(Reseller.id).where(Reseller.id == customer.reseller_id).with_for_update(key_share=True)
        )
        query = select(ApprovalRequest.id).where(
            ApprovalRequest.type == RequestType.ACCOUNT_PROVISION,
            ApprovalRequest.status.in_(STILL_OPEN),
            ApprovalRequest.details["root_email"].as_string() == email,
        )
        if db.session.scalars(query).first() is not None:
            raise Invalid(
                _("Another open request names this address. An address can be used for one account only."),
                field="root_email",
            )
