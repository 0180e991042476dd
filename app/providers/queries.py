"""Named reads of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.extensions import db
from app.providers.models import Provider, ResellerProvider

#: The provider whose resellers can be in a program that decides about support plans (domain, 0.17).
PROGRAM_CODE = "aws"


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider as the platform grants it to a reseller."""

    provider: Provider
    is_granted: bool
    in_program: bool

    @property
    def has_program(self) -> bool:
        return self.provider.code == PROGRAM_CODE


_GRANTS = select(ResellerProvider).join(ResellerProvider.provider).order_by(Provider.position, Provider.name)


def grants() -> Sequence[ResellerProvider]:
    """Return what the reseller in scope may resell, in catalogue order.

    A provider that the platform has set inactive stays with those who have it.
    """
    return db.session.scalars(_GRANTS).all()


def resold_providers() -> list[Provider]:
    """Return the providers that the reseller in scope may resell, in catalogue order."""
    return [grant.provider for grant in grants()]


def is_resold(provider: Provider) -> bool:
    """May the reseller in scope resell the provider today?"""
    return provider in resold_providers()


def provider_offers(reseller_id: int) -> list[Offer]:
    """Return the providers a reseller could get, and those it has although they left the catalogue."""
    rows = select(ResellerProvider).where(ResellerProvider.reseller_id == reseller_id)
    # As they are now, although this request may have read them before it held the reseller.
    found = db.session.scalars(rows.execution_options(populate_existing=True))
    granted = {one.provider_id: one for one in found}
    query = (
        select(Provider)
        .where(or_(Provider.is_active, Provider.id.in_(granted)))
        .order_by(Provider.position, Provider.name)
    )
    return [
        Offer(one, one.id in granted, one.id in granted and granted[one.id].in_solution_provider_program)
        for one in db.session.scalars(query)
    ]
