"""What of the portal is open to the person of this request, and what the pages behind it answer to whom it is not.

What the reseller does not show is not there (404), for nobody of the company. What the reseller took from one person is
there, and not that person's (403). Both are asked for anew in each request, so a switch acts at the next click.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from flask_login import current_user

from app.errors import NotAllowed, NotVisible
from app.kernel.clock import utc_now
from app.portal.queries.openings import Openings, openings_of
from app.portal.queries.requests import PortalRequest, count_open_requests, recent_requests
from app.settings.models import StorefrontSettings
from app.settings.queries import storefront_settings
from app.shell.context import current_reseller
from app.terms.models import TermsVersion
from app.terms.queries import current_terms
from app.terms.services import has_accepted


def portal_settings() -> StorefrontSettings:
    """Return the reseller's switches; read once per request."""
    if "portal_settings" not in g:
        g.portal_settings = storefront_settings()
    found: StorefrontSettings = g.portal_settings
    return found


def portal_terms() -> TermsVersion | None:
    """Return the terms in force, None where there are none; read once per request."""
    if "portal_terms" not in g:
        g.portal_terms = current_terms()
    found: TermsVersion | None = g.portal_terms
    return found


def openings() -> Openings:
    """Return what is open to the signed-in person; asked for once per request."""
    if "portal_openings" not in g:
        g.portal_openings = openings_of(current_user, portal_settings())
    found: Openings = g.portal_openings
    return found


def open_requests() -> int | None:
    """Return how many requests are open, for the badge; counted once per request."""
    if "portal_open_requests" not in g:
        g.portal_open_requests = count_open_requests()
    found: int = g.portal_open_requests
    return found or None


def latest_requests(limit: int) -> list[PortalRequest]:
    """Return the requests that are open or were settled lately. They bring the badge's number with them."""
    found, g.portal_open_requests = recent_requests(now=utc_now(), limit=limit)
    return found


@dataclass(frozen=True, slots=True)
class OwnReseller:
    """Whom the company buys from, as its customers know it."""

    name: str = ""
    support_email: str = ""
    phone: str = ""
    website: str = ""


def own_reseller() -> OwnReseller:
    """Return whom the signed-in person's company buys from."""
    reseller = current_reseller()
    if reseller is None:
        return OwnReseller()
    return OwnReseller(reseller.shown_name, reseller.support_email, reseller.phone, reseller.website)


def own_currencies() -> list[str]:
    """Return the currencies that the company is billed in: its reseller's first, then those agreed for providers."""
    reseller = current_reseller()
    own = reseller.currency if reseller is not None else ""
    agreed = sorted({one.currency for one in openings().authorised})
    return [own, *(one for one in agreed if one != own)]


def has_terms_before_accounts() -> bool:
    """Has the person terms to accept before asking for accounts? Those that come before everything are accepted."""
    settings = portal_settings()
    is_asked = settings.requires_terms_for_accounts and not settings.requires_terms
    return is_asked and not has_accepted(current_user)


def check_open(is_open: bool) -> None:
    """Raise ``NotVisible`` for a page that the reseller does not show."""
    if not is_open:
        raise NotVisible


def check_may(is_allowed: bool) -> None:
    """Raise ``NotAllowed`` for a page that the reseller took from this person."""
    if not is_allowed:
        raise NotAllowed("")  # the page says whom to ask
