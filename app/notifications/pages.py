"""Where the links in mails lead: pages of other slices, by the names of their endpoints."""

from __future__ import annotations

from typing import Any

from app.shell.links import mailed_url
from app.tenancy.models import Reseller


def request_page(request_id: int) -> str:
    """Return where the reseller decides on a request."""
    return mailed_url("ApprovalsView.show", request_id=request_id)


def ops_page(request_id: int) -> str:
    """Return where Cloud Ops follows a request up."""
    return mailed_url("OperationsView.show", request_id=request_id)


def budget_page(budget_id: int) -> str:
    """Return where the reseller sees a budget."""
    return mailed_url("BudgetModelView.edit", pk=budget_id)


def customer_page(customer_id: int) -> str:
    """Return where the reseller sees a customer's data, its spend threshold among them."""
    return mailed_url("CustomerInformationView.show", customer_id=customer_id)


def console_door() -> str:
    """Return where the people of resellers and of the platform sign in."""
    return mailed_url("SignInView.login")


def portal_door(reseller: Reseller) -> str:
    """Return where a customer's people sign in."""
    return _portal("PortalSignInView.login", reseller)


def portal_request(reseller: Reseller, request_id: int) -> str:
    """Return where a customer sees what became of a request."""
    return _portal("PortalRequestsView.show", reseller, request_id=request_id)


def portal_accounts(reseller: Reseller) -> str:
    """Return where a customer sees its cloud accounts."""
    return _portal("PortalAccountsView.show", reseller)


def portal_statement(reseller: Reseller, statement_id: int) -> str:
    """Return where a customer sees a statement."""
    return _portal("PortalStatementsView.statement", reseller, statement_id=statement_id)


def portal_home(reseller: Reseller) -> str:
    """Return where a customer's people come in."""
    return _portal("PortalView.show", reseller)


def validation_page(reseller: Reseller, token: str) -> str:
    """Return where an address is proven."""
    return _portal("ValidationView.show", reseller, token=token)


def _portal(endpoint: str, reseller: Reseller, **values: Any) -> str:
    return mailed_url(endpoint, portal_of=reseller, nickname=reseller.nickname, **values)
