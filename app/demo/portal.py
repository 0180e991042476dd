"""What the demo customer finds in its portal: colleagues, and requests in several states."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import select

from app.approvals import requests, services
from app.customers.models import Customer
from app.customers.users import add_user
from app.extensions import db
from app.kernel.clock import utc_now
from app.providers.models import Provider
from app.security.accounts import create_user
from app.security.models import User, UserStatus
from app.security.roles import RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope

CUSTOMER = "Tessera Health AG"


def fill(reseller: Reseller, providers: dict[str, Provider], *, password: str) -> None:
    """Give the demo customer of ``reseller`` two colleagues, a request that waits, one that is done, one declined."""
    query = select(Customer).where(Customer.organization == CUSTOMER, Customer.reseller_id == reseller.id)
    customer = db.session.scalars(query).one()
    person = db.session.scalars(select(User).where(User.email == customer.email)).one()
    now = utc_now()
    create_user(
        name="Reto Amsler",
        email="reto.amsler@tessera.example",
        role=RoleName.CUSTOMER,
        reseller_id=reseller.id,
        customer_id=customer.id,
        password=password,
        switches={"sees_statements": False, "may_invite": False},
    )
    add_user(
        customer,
        name="Mirjam Kolb",
        email="mirjam.kolb@tessera.example",
        status=UserStatus.ACTIVE,
        password=None,
        now=now,
    )
    _done(customer, providers["azure"], person, now - datetime.timedelta(days=5, hours=3))
    _declined(customer, providers["google"], person, now - datetime.timedelta(days=8, hours=1))
    with _as(person):
        requests.request_account(
            customer=customer,
            provider=providers["aws"],
            details={
                "name": "tessera-analytics",
                "root_email": "aws-analytics@tessera.example",
                "support_type": "Business",
                "remark": "For the reports of the new clinic. We need it by the end of the month.",
            },
            requester=person,
            now=now - datetime.timedelta(days=1, hours=4),
        )


def _as(person: Any) -> Any:
    return reseller_scope(person.reseller_id, actor=Actor(person.id, person.name))


def _done(customer: Customer, provider: Provider, person: Any, asked_at: datetime.datetime) -> None:
    """A new account that was asked for, approved, set up."""
    with _as(person):
        request = requests.request_account(
            customer=customer,
            provider=provider,
            details={"name": "tessera-archive"},
            requester=person,
            now=asked_at,
        )
    services.approve_and_forward(request, now=asked_at + datetime.timedelta(hours=4))
    services.take(request, now=asked_at + datetime.timedelta(hours=20))
    services.complete(
        request,
        account_id="5f0c1a52-7d1e-4c36-9b84-2e6a90c4d7f3",
        now=asked_at + datetime.timedelta(hours=26),
    )


def _declined(customer: Customer, provider: Provider, person: Any, asked_at: datetime.datetime) -> None:
    """A provider that was asked for, and is not to be had yet."""
    with _as(person):
        request = requests.request_provider(
            customer=customer,
            provider=provider,
            details={"remark": "We would like to try BigQuery."},
            requester=person,
            now=asked_at,
        )
    services.decline(
        request,
        reason="We offer Google Cloud to healthcare customers from January. Please ask again then.",
        now=asked_at + datetime.timedelta(days=1),
    )
