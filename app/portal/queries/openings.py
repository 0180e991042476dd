"""What of the portal is open to a person: by the reseller's switches, the company's providers, and the person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.portal.queries.providers import PortalProvider, own_providers
from app.settings.models import StorefrontSettings


@dataclass(frozen=True, slots=True)
class Openings:
    """``dashboard``, ``reports`` and ``statements`` need a provider that is switched on for the portal besides.

    What is not open does not exist for anybody of the company. ``sees_statements``, ``may_request`` and ``may_invite``
    are the person's own: what a person may not do exists all the same. ``purchasing``: providers that the company does
    not have yet are shown, and can be asked for.
    """

    company: bool
    accounts: bool
    purchasing: bool
    dashboard: bool
    reports: bool
    statements: bool
    sees_statements: bool
    may_request: bool
    may_invite: bool
    with_accounts: tuple[PortalProvider, ...]

    @property
    def authorised(self) -> list[PortalProvider]:
        """The providers that the company may buy, whatever of them the portal shows."""
        return [one for one in self.with_accounts if one.is_authorised]

    @property
    def in_portal(self) -> list[PortalProvider]:
        """The providers whose dashboard, reports and statements are shown."""
        return [one for one in self.with_accounts if one.in_portal]


def openings_of(person: Any, settings: StorefrontSettings) -> Openings:
    """Return what is open to one of the customer's people by the reseller's settings."""
    with_accounts = tuple(own_providers())
    has_provider = any(one.in_portal for one in with_accounts)
    return Openings(
        company=settings.shows_company,
        accounts=settings.shows_accounts,
        purchasing=settings.shows_accounts and settings.allows_purchasing,
        dashboard=settings.shows_dashboard and has_provider,
        reports=settings.shows_reports and has_provider,
        statements=settings.shows_statements and has_provider,
        sees_statements=person.sees_statements,
        may_request=settings.shows_accounts and person.may_request_accounts,
        may_invite=person.may_invite,
        with_accounts=with_accounts,
    )
