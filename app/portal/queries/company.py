"""The customer's own company."""

from __future__ import annotations

from dataclasses import dataclass

from app.customers.models import Customer
from app.errors import NotVisible
from app.extensions import db
from app.tenancy.scope import current_scope


@dataclass(frozen=True, slots=True)
class Company:
    """The customer's own data as the portal shows it."""

    organization: str
    account_number: str
    contact_name: str
    contact_title: str
    email: str
    phone: str
    address: tuple[str, ...]
    country: str


def own_customer() -> Customer:
    """Return the signed-in person's own customer; raises ``NotVisible`` where there is none."""
    scope = current_scope()
    customer: Customer | None = db.session.get(Customer, scope.customer_id) if scope.customer_id else None
    if customer is None:
        raise NotVisible
    return customer


def own_company() -> Company:
    """Return what the portal shows of it."""
    customer = own_customer()
    place = " ".join(part for part in (customer.postal_code, customer.city) if part)
    return Company(
        organization=customer.organization,
        account_number=customer.account_number,
        contact_name=customer.contact_name,
        contact_title=customer.contact_title,
        email=customer.email,
        phone=customer.phone,
        address=tuple(line for line in (customer.street, place, customer.state) if line),
        country=customer.country,
    )
