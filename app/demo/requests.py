"""Requests of the demo world: two companies that signed up, customers that ask for something, a reseller's own request."""

from __future__ import annotations

import datetime

from sqlalchemy import select

from app.approvals.models import ADDRESS_PROVEN, ApprovalRequest, RequestType
from app.approvals.requests import request_account, request_provider
from app.approvals.services import approve_and_forward, decline, open_request, take
from app.customers.models import Customer, CustomerStatus
from app.customers.services import create_customer
from app.demo.portal import CUSTOMER as PORTAL_CUSTOMER
from app.extensions import db
from app.providers.models import Provider
from app.security.accounts import create_user
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope


def load_requests(
    reseller: Reseller,
    providers: dict[str, Provider],
    *,
    decides: str,
    works_on: str,
    password: str,
    now: datetime.datetime,
) -> None:
    """Fill the queues of one reseller; ``decides`` and ``works_on`` name those who decided and took one on."""

    def ago(**parts: int) -> datetime.datetime:
        return now - datetime.timedelta(**parts)

    with reseller_scope(reseller.id, actor=Actor(None, "Demo data")):
        _sign_up(
            reseller,
            password,
            {
                "organization": "Alderbridge Legal LLP",
                "contact_name": "Ruth Alder",
                "contact_title": "Managing Partner",
                "email": "r.alder@alderbridge.example",
                "phone": "+44 20 7946 0142",
                "street": "41 Bedmoor Row",
                "postal_code": "WC1R 4JH",
                "city": "London",
                "country": "GB",
                "language": "en",
                "providers": "aws",
            },
            now=ago(days=2, hours=4),
        )
        _sign_up(
            reseller,
            password,
            {
                "organization": "Marlow Robotics BV",
                "contact_name": "Joost Marlow",
                "email": "joost@marlow-robotics.example",
                "country": "NL",
                "language": "en",
                "providers": "azure, google",
            },
            now=ago(hours=6),
        )
        asking = _asking_people(3)
        for (customer, person), name in zip(asking[:2], ("analytics", "staging"), strict=True):
            request_account(
                customer=customer,
                provider=providers["aws"],
                details={
                    "name": f"{customer.organization.split()[0].lower()}-{name}",
                    "root_email": f"aws-{name}@{customer.email.partition('@')[2]}",
                    "support_type": "Business",
                },
                requester=person,
                now=ago(hours=26) if name == "analytics" else ago(hours=2),
            )
        customer, person = asking[2]
        request_provider(
            customer=customer,
            provider=providers["google"],
            details={"remark": "For a data platform that starts next quarter."},
            requester=person,
            now=ago(minutes=40),
        )
    with reseller_scope(reseller.id, actor=Actor(None, decides)):
        first = _pending(RequestType.ACCOUNT_PROVISION)[0]
        approve_and_forward(first, now=ago(hours=20))
        decline(
            _pending(RequestType.PROVIDER_ENABLEMENT)[0],
            reason="We do not offer Google Cloud before January. We will come back to you.",
            now=ago(minutes=10),
        )
        request_account(
            customer=asking[0][0],
            provider=providers["aws"],
            details={"name": "disaster-recovery", "root_email": f"aws-dr@{reseller.nickname}.example"},
            requester=None,
            now=ago(hours=1),
            is_forwarded=True,
        )
    with reseller_scope(reseller.id, actor=Actor(None, works_on)):
        take(first, now=ago(hours=3))


def _sign_up(
    reseller: Reseller, password: str, details: dict[str, str], *, now: datetime.datetime
) -> ApprovalRequest:
    customer = create_customer(details, now=now, status=CustomerStatus.PENDING)
    person = create_user(
        name=details["contact_name"],
        email=details["email"],
        role=RoleName.CUSTOMER,
        reseller_id=reseller.id,
        customer_id=customer.id,
        status=UserStatus.PENDING_APPROVAL,
        password=password,
    )
    db.session.flush()
    proven = {ADDRESS_PROVEN: "yes"}
    return open_request(
        RequestType.SIGNUP, customer=customer, requester=person, details=details | proven, now=now
    )


def _asking_people(how_many: int) -> list[tuple[Customer, User]]:
    """Return active customers that may buy AWS and not Google Cloud, each with somebody who can ask."""
    found = []
    for customer in db.session.scalars(select(Customer).order_by(Customer.id)):
        codes = {one.provider.code for one in customer.enablements if one.is_authorised}
        person = db.session.scalars(
            select(User).where(User.customer_id == customer.id, User.status == UserStatus.ACTIVE)
        ).first()
        if customer.organization == PORTAL_CUSTOMER:
            continue  # has requests of its own
        if customer.status is CustomerStatus.ACTIVE and "aws" in codes and "google" not in codes and person:
            found.append((customer, person))
    return found[:how_many]


def _pending(request_type: RequestType) -> list[ApprovalRequest]:
    query = select(ApprovalRequest).where(ApprovalRequest.type == request_type)
    return list(db.session.scalars(query.order_by(ApprovalRequest.created_at)))
