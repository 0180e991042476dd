"""The providers that a customer may buy, has accounts at, and can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, func, or_, select

from app.approvals.models import ENDED, ApprovalRequest, RequestType
from app.cloud_accounts.models import CloudAccount
from app.customers.models import ProviderEnablement
from app.extensions import db
from app.providers.models import Provider, ResellerProvider


@dataclass(frozen=True, slots=True)
class PortalProvider:
    """A provider as the portal shows it.

    ``is_authorised``: the customer may buy it; one that it may not buy any more is here for the accounts that are left.
    ``in_portal``: its dashboard, reports and statements are shown. ``takes_requests``: its accounts can be asked for,
    as far as the reseller may still resell it. ``request_id``: the open request with which it was asked for.
    ``currency``: in which it is billed.
    """

    id: int
    code: str
    name: str
    account_label: str
    has_logo: bool
    is_authorised: bool = False
    in_portal: bool = False
    takes_requests: bool = False
    request_id: int | None = None
    currency: str = ""


def shown(provider: Provider, enablement: ProviderEnablement | None = None) -> PortalProvider:
    """Return a provider of the catalogue as the portal shows it; without ``enablement`` one that is not bought."""
    is_authorised = enablement is not None and enablement.is_authorised
    return PortalProvider(
        provider.id,
        provider.code,
        provider.name,
        provider.account_words,
        bool(provider.logo_type),
        is_authorised=is_authorised,
        in_portal=is_authorised and enablement is not None and enablement.in_portal,
        takes_requests=is_authorised and enablement is not None and enablement.may_request_accounts,
        currency=enablement.currency if enablement is not None else "",
    )


def own_providers() -> list[PortalProvider]:
    """Return the providers that the customer may buy, and those where accounts of it are left, in catalogue order."""
    has_accounts = exists().where(
        CloudAccount.customer_id == ProviderEnablement.customer_id,
        CloudAccount.provider_id == ProviderEnablement.provider_id,
    )
    query = select(ProviderEnablement).where(or_(ProviderEnablement.is_authorised, has_accounts))
    rows = sorted(db.session.scalars(query), key=lambda row: (row.provider.position, row.provider.name))
    return [shown(row.provider, row) for row in rows]


_RESOLD = (
    select(
        Provider,
        select(func.max(ApprovalRequest.id))
        .where(
            ApprovalRequest.provider_id == Provider.id,
            ApprovalRequest.type == RequestType.PROVIDER_ENABLEMENT,
            ApprovalRequest.status.not_in(ENDED),
        )
        .scalar_subquery(),
    )
    .join(ResellerProvider, ResellerProvider.provider_id == Provider.id)
    .order_by(Provider.position, Provider.name)
)


def providers_to_ask_for(
    authorised: Sequence[PortalProvider],
) -> tuple[list[PortalProvider], list[PortalProvider]]:
    """Return where accounts can be asked for, and which providers can be asked for themselves or were.

    Neither holds a provider that the reseller may no longer resell, the second none that the platform has set inactive.
    """
    resold = db.session.execute(_RESOLD).all()
    resold_ids = {provider.id for provider, _request in resold}
    bought = {one.id for one in authorised}
    with_accounts = [one for one in authorised if one.takes_requests and one.id in resold_ids]
    new = [
        replace(shown(provider), request_id=request_id)
        for provider, request_id in resold
        if provider.is_active and provider.id not in bought
    ]
    return with_accounts, new
