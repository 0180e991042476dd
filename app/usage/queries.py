"""Named reads: what is imported, and what is closed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from app.extensions import db
from app.kernel.pagination import Page, PageRequest, paginate
from app.providers.models import Provider
from app.usage.models import ImportState, ProviderMonth, UsageImport, UsagePart

_LIVE = UsagePart.replaced_at.is_(None)


def live_parts(month: datetime.date, provider: Provider | None = None) -> Sequence[UsagePart]:
    """Return what the sources say of a month now, of one provider or of all."""
    query = select(UsagePart).where(_LIVE, UsagePart.month == month)
    if provider is not None:
        query = query.where(UsagePart.provider_id == provider.id)
    return db.session.scalars(query.order_by(UsagePart.provider_id, UsagePart.source)).all()


def imported_months() -> Sequence[datetime.date]:
    """Return the months with usage of any provider, the latest first."""
    query = select(UsagePart.month).where(_LIVE).distinct().order_by(UsagePart.month.desc())
    return db.session.scalars(query).all()


def last_imported_month(
    provider: Provider | None = None, *, before: datetime.date | None = None
) -> datetime.date | None:
    """Return the latest month with usage, of one provider or of any; ``before``: the latest one earlier than that."""
    query = select(UsagePart.month).where(_LIVE)
    if provider is not None:
        query = query.where(UsagePart.provider_id == provider.id)
    if before is not None:
        query = query.where(UsagePart.month < before)
    return db.session.scalars(query.order_by(UsagePart.month.desc()).limit(1)).one_or_none()


def provider_month(provider: Provider, month: datetime.date) -> ProviderMonth | None:
    """Return what people said of a provider's month; None where nobody said anything yet."""
    query = select(ProviderMonth).where(
        ProviderMonth.provider_id == provider.id, ProviderMonth.month == month
    )
    return db.session.scalars(query).one_or_none()


def is_closed(provider: Provider, month: datetime.date) -> bool:
    """Has somebody said that nothing more comes for this month? A month that nobody spoke of is open."""
    said = provider_month(provider, month)
    return said is not None and said.is_closed


def closed_provider_ids(month: datetime.date) -> set[int]:
    """Return the ids of the providers whose month is closed."""
    query = select(ProviderMonth.provider_id).where(
        ProviderMonth.month == month, ProviderMonth.is_closed.is_(True)
    )
    return set(db.session.scalars(query))


def awaited_provider_ids(month: datetime.date) -> set[int]:
    """Return the ids of the providers whose usage of a month is to come: those that had some in it or before."""
    query = select(UsagePart.provider_id).where(UsagePart.month <= month, UsagePart.replaced_at.is_(None))
    return set(db.session.scalars(query.distinct()))


def imports_page(wanted: PageRequest) -> Page[UsageImport]:
    """Return one page of the imports, the latest first, each with its report and its job."""
    query = (
        select(UsageImport)
        .options(undefer(UsageImport.report), joinedload(UsageImport.job))
        .order_by(UsageImport.id.desc())
    )
    return paginate(db.session, query, wanted)


#: How many imports wait for a person.
UNDECIDED_COUNT = select(func.count(UsageImport.id)).where(UsageImport.state == ImportState.NEEDS_DECISION)


def count_undecided() -> int:
    """Return how many imports wait for a person."""
    return db.session.scalar(UNDECIDED_COUNT) or 0


def providers_by_code(codes: Iterable[str]) -> dict[str, Provider]:
    """Return providers by their codes."""
    query = select(Provider).where(Provider.code.in_(set(codes)))
    return {one.code: one for one in db.session.scalars(query)}
