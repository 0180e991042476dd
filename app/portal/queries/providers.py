"""The providers that a customer may buy, and those that it can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.customers.models import ProviderEnablement
from app.extensions import db
from app.providers.models import Provider
from app.providers.queries import resold_providers


@dataclass(frozen=True, slots=True)
class PortalProvider:
    """A provider as the portal shows it.

    ``in_portal``: its dashboard, reports and statements are shown. ``takes_requests``: its accounts can be asked for,
    as far as the reseller may still resell it.
    """

    id: int
    code: str
    name: str
    account_label: str
    has_logo: bool
    in_portal: bool = False
    takes_requests: bool = False


def shown(provider: Provider, *, in_portal: bool = False, takes_requests: bool = False) -> PortalProvider:
    """Return a provider of the catalogue as the portal shows it."""
    return PortalProvider(
        provider.id,
        provider.code,
        provider.name,
        provider.account_words,
        bool(provider.logo_type),
        in_portal,
        takes_requests,
    )


def authorised_providers() -> list[PortalProvider]:
    """Return the providers that the customer may buy, in catalogue order, whether the portal shows them or not."""
    query = select(ProviderEnablement).where(ProviderEnablement.is_authorised)
    rows = sorted(db.session.scalars(query), key=lambda row: (row.provider.position, row.provider.name))
    return [
        shown(row.provider, in_portal=row.in_portal, takes_requests=row.may_request_accounts) for row in rows
    ]


def providers_to_ask_for(
    authorised: Sequence[PortalProvider],
) -> tuple[list[PortalProvider], list[PortalProvider]]:
    """Return where accounts can be asked for, and which providers can be asked for themselves.

    Neither holds a provider that the reseller may no longer resell, the second none that the platform has set inactive.
    """
    resold = {one.id: one for one in resold_providers()}
    bought = {one.id for one in authorised}
    with_accounts = [one for one in authorised if one.takes_requests and one.id in resold]
    new = [shown(one) for one in resold.values() if one.is_active and one.id not in bought]
    return with_accounts, new
