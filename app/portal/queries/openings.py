"""What of the portal is open to a person: by the reseller's switches, the company's providers, and the person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.portal.queries.providers import PortalProvider, authorised_providers
from app.settings.models import StorefrontSettings


@dataclass(frozen=True, slots=True)
class Openings:
    """``dashboard``, ``reports`` and ``statements`` need a provider that is switched on for the portal besides.

    What is not open does not exist for anybody of the company. ``sees_statements``, ``may_request`` and ``may_invite``
    are the person's own: what a person may not do exists all the same.
    """

    company: bool
    accounts: bool
    dashboard: bool
    reports: bool
    statements: bool
    sees_statements: bool
    may_request: bool
    may_invite: bool
    authorised: tuple[PortalProvider, ...]

    @property
    def in_portal(self) -> list[PortalProvider]:
        """The providers that are switched on for the portal."""
        return [one for one in self.authorised if one.in_portal]

    @property
    def with_accounts(self) -> list[PortalProvider]:
        """The providers whose accounts are shown: who may ask for accounts of one sees what comes of it."""
        return [one for one in self.authorised if one.in_portal or one.takes_requests]


def openings_of(person: Any, settings: StorefrontSettings) -> Openings:
    """Return what is open to one of the customer's people by the reseller's settings."""
    authorised = tuple(authorised_providers())
    has_provider = any(one.in_portal for one in authorised)
    return Openings(
        company=settings.shows_company,
        accounts=settings.shows_accounts,
        dashboard=settings.shows_dashboard and has_provider,
        reports=settings.shows_reports and has_provider,
        statements=settings.shows_statements and has_provider,
        sees_statements=person.sees_statements,
        may_request=settings.shows_accounts and person.may_request_accounts,
        may_invite=person.may_invite,
        authorised=authorised,
    )
