"""Steps that the tests of requests share: somebody signs up, asks for something, and is looked at afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from app.approvals.models import ADDRESS_PROVEN, ApprovalRequest, RequestType
from app.approvals.requests import request_account
from app.approvals.services import open_request
from app.customers.models import Customer, CustomerStatus
from app.customers.services import create_customer, save_enablement
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.security.accounts import create_user
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.tenancy.scope import Actor, Scope, ScopeKind, system_scope, use_scope
from tests.worlds import PASSWORD, Person, Side

NOW = datetime.datetime(2026, 11, 20, 9, 0, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(days=1)

ENTERED = {
    "organization": "Castellan Legal LLP",
    "contact_name": "Ruth Castellan",
    "email": "ruth@castellan.example",
    "phone": "+44 20 7946 0142",
    "street": "41 Bedmoor Row",
    "country": "GB",
    "language": "en",
}


def scope_of(side: Side, person: Person | None = None) -> Scope:
    """Return the scope of one of a reseller's people."""
    actor = Actor(person.id, person.name) if person else Actor(None, "Test")
    return Scope(ScopeKind.RESELLER, side.id, None, actor)


def customer_scope(side: Side) -> Scope:
    """Return the scope of the person of the reseller's first customer."""
    person = side.customer_user
    return Scope(ScopeKind.CUSTOMER, side.id, side.customer.id, Actor(person.id, person.name))


def platform_scope(admin: Person) -> Scope:
    """Return the scope of Cloud Ops."""
    return Scope(ScopeKind.PLATFORM, None, None, Actor(admin.id, admin.name, is_platform=True))


@contextmanager
def working(app: Any, scope: Scope) -> Iterator[None]:
    """Run a block as one request's unit of work."""
    with app.test_request_context(), use_scope(scope), unit_of_work(db.session):
        yield


def provider_of(code: str) -> Provider:
    """Return a provider of the catalogue."""
    return db.session.scalars(select(Provider).where(Provider.code == code)).one()


def sign_up(
    app: Any,
    side: Side,
    *,
    now: datetime.datetime = NOW,
    is_ready: bool = False,
    is_proven: bool = True,
    **entered: str,
) -> int:
    """Let a company sign up whose address ``is_proven``; return the request's id. ``is_ready``: AWS is authorised."""
    details = ENTERED | entered
    with working(app, scope_of(side)):
        customer = create_customer(details, now=now, status=CustomerStatus.PENDING)
        user = create_user(
            name=details["contact_name"],
            email=details["email"],
            role=RoleName.CUSTOMER,
            reseller_id=side.id,
            customer_id=customer.id,
            status=UserStatus.PENDING_APPROVAL,
            password=PASSWORD,
        )
        db.session.flush()
        if is_ready:
            authorise(customer, "aws")
        proof = {ADDRESS_PROVEN: "yes"} if is_proven else {}
        request = open_request(
            RequestType.SIGNUP, customer=customer, requester=user, details=details | proof, now=now
        )
        return request.id


def authorise(customer: Customer, code: str, *, pricebook_id: int | None = None, is_on: bool = True) -> None:
    """Decide what a customer may do with a provider."""
    known = {one.provider.code: one.version for one in customer.enablements}
    save_enablement(
        customer,
        provider_of(code),
        {
            "is_authorised": is_on,
            "services": None,
            "pricebook_id": pricebook_id,
            "in_portal": True,
            "may_request_accounts": True,
            "currency": "EUR",
            "pass_reserved_instances": False,
            "pass_savings_plans": False,
        },
        version=known.get(code, 0),
        currency="EUR",
    )
    db.session.expire(customer, ["enablements"])


def ask_account(
    app: Any,
    side: Side,
    *,
    name: str = "north-data",
    email: str = "root@data.example",
    now: datetime.datetime = NOW,
    is_forwarded: bool = False,
    scope: Scope | None = None,
) -> int:
    """Let the reseller's first customer, or the reseller for it, ask for an AWS account; return the request's id."""
    with working(app, scope or (scope_of(side, side.ops) if is_forwarded else customer_scope(side))):
        request = request_account(
            customer=db.session.get(Customer, side.customer.id),
            provider=provider_of("aws"),
            details={"name": name, "root_email": email, "support_type": "Business"},
            requester=db.session.get(User, (side.ops if is_forwarded else side.customer_user).id),
            now=now,
            is_forwarded=is_forwarded,
        )
        return request.id


@contextmanager
def looking(app: Any) -> Iterator[None]:
    """Look at everything."""
    with app.test_request_context(), system_scope("tests look"):
        yield


def found(app: Any, request_id: int) -> ApprovalRequest:
    """Return a request as it is, with what its own row says."""
    with looking(app):
        request = db.session.get(ApprovalRequest, request_id)
        assert request is not None
        db.session.refresh(request)
        db.session.expunge(request)
        return request
