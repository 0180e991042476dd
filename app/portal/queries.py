"""What a customer may see of itself, and nothing else.

These reads name their columns. No page of the portal gets a record of the console: seller cost, pricebooks, rules and
custom fields cannot slip through a template that never has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select

from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer, ProviderEnablement
from app.errors import NotVisible
from app.extensions import db
from app.kernel.pagination import Page, PageRequest, page_of
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


@dataclass(frozen=True, slots=True)
class PortalProvider:
    """A provider that the customer may buy and see here."""

    id: int
    code: str
    name: str
    account_label: str
    has_logo: bool


@dataclass(frozen=True, slots=True)
class PortalAccount:
    """An active account of the customer."""

    name: str
    account_id: str
    support_type: str
    provider: PortalProvider


def own_company() -> Company:
    """Return the signed-in person's own company; raises ``NotVisible`` where there is none."""
    scope = current_scope()
    customer = db.session.get(Customer, scope.customer_id) if scope.customer_id else None
    if customer is None:
        raise NotVisible
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


def own_providers() -> list[PortalProvider]:
    """Return the providers that are authorised and switched on for the portal: both, or it does not appear."""
    query = select(ProviderEnablement).where(ProviderEnablement.is_authorised, ProviderEnablement.in_portal)
    providers = sorted(
        (one.provider for one in db.session.scalars(query)),
        key=lambda provider: (provider.position, provider.name),
    )
    return [
        PortalProvider(one.id, one.code, one.name, one.account_label, bool(one.logo_type))
        for one in providers
    ]


def own_accounts(providers: list[PortalProvider], wanted: PageRequest) -> Page[PortalAccount]:
    """Return a page of the active accounts of these providers, in the providers' order."""
    if not providers:
        return page_of([], wanted)
    by_id = {one.id: one for one in providers}
    is_shown = (CloudAccount.status == CloudAccountStatus.ACTIVE, CloudAccount.provider_id.in_(by_id))
    total = db.session.scalar(select(func.count(CloudAccount.id)).where(*is_shown)) or 0
    number = min(wanted.number, max(1, -(-total // wanted.size)))
    order = case({one.id: place for place, one in enumerate(providers)}, value=CloudAccount.provider_id)
    query = (
        select(
            CloudAccount.provider_id, CloudAccount.name, CloudAccount.account_id, CloudAccount.support_type
        )
        .where(*is_shown)
        .order_by(order, func.lower(CloudAccount.name), CloudAccount.account_id)
        .offset((number - 1) * wanted.size)
        .limit(wanted.size)
    )
    items = [
        PortalAccount(name, account_id, support_type, by_id[provider_id])
        for provider_id, name, account_id, support_type in db.session.execute(query)
    ]
    return Page(number, wanted.size, total, items)
