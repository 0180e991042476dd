"""Asking for accounts and providers from the portal: its own conditions, before the rules that hold everywhere."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.approvals import requests
from app.approvals.models import ApprovalRequest
from app.cloud_accounts.services import find_account
from app.customers.models import Customer, ProviderEnablement
from app.errors import NotAllowed, NotVisible, WrongState
from app.extensions import db
from app.providers.models import Provider
from app.settings.queries import storefront_settings
from app.terms.services import has_accepted


def ask_for_account(
    customer: Customer, provider: Provider, *, person: Any, details: Mapping[str, str], now: datetime.datetime
) -> ApprovalRequest:
    """Ask for a new account at a provider that takes requests."""
    _check_may_ask(person)
    _check_terms(person)
    _check_takes_requests(customer, provider.id)
    return requests.request_account(
        customer=customer, provider=provider, details=details, requester=person, now=now
    )


def ask_for_link(
    customer: Customer, provider: Provider, *, person: Any, details: Mapping[str, str], now: datetime.datetime
) -> ApprovalRequest:
    """Ask for an account that exists to be linked, at a provider that takes requests."""
    _check_may_ask(person)
    _check_terms(person)
    _check_takes_requests(customer, provider.id)
    return requests.request_link(
        customer=customer, provider=provider, details=details, requester=person, now=now
    )


def ask_for_removal(
    customer: Customer, account_id: int, *, person: Any, details: Mapping[str, str], now: datetime.datetime
) -> ApprovalRequest:
    """Ask for an account to be removed, at a provider that takes requests."""
    _check_may_ask(person)
    account = find_account(customer, account_id)
    _check_takes_requests(customer, account.provider_id)
    return requests.request_removal(
        customer=customer, account=account, details=details, requester=person, now=now
    )


def ask_for_provider(
    customer: Customer, provider: Provider, *, person: Any, details: Mapping[str, str], now: datetime.datetime
) -> ApprovalRequest:
    """Ask for a provider that the customer may not buy yet, where the reseller lets customers purchase."""
    if not storefront_settings().allows_purchasing:
        raise NotVisible
    _check_may_ask(person)
    return requests.request_provider(
        customer=customer, provider=provider, details=details, requester=person, now=now
    )


def _check_may_ask(person: Any) -> None:
    if not storefront_settings().shows_accounts:
        raise NotVisible
    if not person.may_request_accounts:
        raise NotAllowed("")  # the page says whom to ask


def _check_terms(person: Any) -> None:
    """The reseller may want the terms accepted before accounts are added (domain, 12)."""
    if storefront_settings().requires_terms_for_accounts and not has_accepted(person):
        raise WrongState(_("Read and accept the terms first."))


def _check_takes_requests(customer: Customer, provider_id: int) -> None:
    query = select(ProviderEnablement.id).where(
        ProviderEnablement.customer_id == customer.id,
        ProviderEnablement.provider_id == provider_id,
        ProviderEnablement.is_authorised,
        ProviderEnablement.may_request_accounts,
    )
    if db.session.scalar(query) is None:
        raise NotVisible
