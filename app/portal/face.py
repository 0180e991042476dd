"""What a portal shows of its reseller to whoever comes by: its public face, in plain values."""

from __future__ import annotations

from dataclasses import dataclass

from app.portal.queries.providers import PortalProvider
from app.portal.storefront import storefront
from app.providers.queries import resold_providers
from app.settings.queries import storefront_settings


@dataclass(frozen=True, slots=True)
class Face:
    """A reseller as visitors see it. ``providers`` is empty where the reseller shows no catalogue."""

    name: str
    support_email: str
    address: str
    website: str
    offers_signup: bool
    providers: tuple[PortalProvider, ...]


def public_face() -> Face:
    """Return the face of the reseller at whose portal this request is."""
    reseller, settings = storefront(), storefront_settings()
    place = " ".join(part for part in (reseller.postal_code, reseller.city) if part)
    lines = (reseller.legal_name or reseller.name, reseller.street, place)
    return Face(
        name=reseller.shown_name,
        support_email=reseller.support_email,
        address=" · ".join(line for line in lines if line),
        website=reseller.website,
        offers_signup=settings.is_signup_open,
        providers=offered_providers() if settings.shows_catalog else (),
    )


def offered_providers() -> tuple[PortalProvider, ...]:
    """Return the providers that the reseller sells today, in catalogue order."""
    return tuple(
        PortalProvider(one.id, one.code, one.name, one.account_words, bool(one.logo_type))
        for one in resold_providers()
        if one.is_active
    )
