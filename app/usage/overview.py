"""Billing > Months: which days of a provider's month have data, what that sums up to, and whether it is closed."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import func, select

from app.extensions import db
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.usage.models import ProviderMonth, UsagePart
from app.usage.queries import imported_months


@dataclass
class ProviderInMonth:
    """One provider's month, as it is shown."""

    provider: Provider
    month: datetime.date
    today: datetime.date
    parts: list[UsagePart] = field(default_factory=list)
    said: ProviderMonth | None = None

    @property
    def is_closed(self) -> bool:
        return self.said is not None and self.said.is_closed

    @property
    def is_over(self) -> bool:
        """Is the month past? Only then can it be closed."""
        return (self.today.year, self.today.month) > (self.month.year, self.month.month)

    @property
    def is_incomplete(self) -> bool:
        """Were rows left out of it?"""
        return any(part.is_incomplete for part in self.parts)

    @property
    def rows(self) -> int:
        return sum(part.row_count for part in self.parts)

    @property
    def expected(self) -> int:
        """How many days should have data by now: all of a past month, those before today of the running one."""
        days = calendar.monthrange(self.month.year, self.month.month)[1]
        if self.is_over:
            return days
        return (
            self.today.day - 1
            if (self.today.year, self.today.month) == (self.month.year, self.month.month)
            else 0
        )

    @property
    def with_data(self) -> set[int]:
        return {day for part in self.parts for day in part.days}

    @property
    def bar(self) -> list[tuple[int, str]]:
        """Each day of the month with ``there``, ``missing`` or ``later``."""
        there, days = self.with_data, calendar.monthrange(self.month.year, self.month.month)[1]
        return [
            (day, "there" if day in there else "missing" if day <= self.expected else "later")
            for day in range(1, days + 1)
        ]

    @property
    def missing(self) -> list[int]:
        return [day for day, state in self.bar if state == "missing"]

    @property
    def there(self) -> int:
        """How many days have data."""
        return len(self.with_data)

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """What the provider billed, by currency."""
        sums: dict[str, Decimal] = {}
        for part in self.parts:
            for currency, kinds in part.totals.items():
                sums[currency] = sums.get(currency, Decimal(0)) + Decimal(kinds.get("billed", "0"))
        return sorted(sums.items())


def months_page(months: Sequence[datetime.date], *, today: datetime.date) -> list[list[ProviderInMonth]]:
    """Return, for each month, its providers: those with data, and those that should have some by now.

    A provider is waited for from its first month with data on; one that never had any stands in the running month only.
    """
    if not months:
        return []
    parts = db.session.scalars(
        select(UsagePart)
        .where(UsagePart.replaced_at.is_(None), UsagePart.month.in_(months))
        .order_by(UsagePart.source)
    ).all()
    said = {
        (one.provider_id, one.month): one
        for one in db.session.scalars(select(ProviderMonth).where(ProviderMonth.month.in_(months)))
    }
    resold = resold_providers()
    query = (
        select(UsagePart.provider_id, func.min(UsagePart.month).label("first"))
        .where(UsagePart.replaced_at.is_(None))
        .group_by(UsagePart.provider_id)
    )
    firsts = {row.provider_id: row.first for row in db.session.execute(query)}
    order = {provider.id: position for position, provider in enumerate(resold)}
    found: list[list[ProviderInMonth]] = []
    for month in months:
        rows = {
            provider.id: ProviderInMonth(provider, month, today)
            for provider in resold
            if firsts.get(provider.id, today.replace(day=1)) <= month
        }
        for part in parts:
            if part.month == month:
                row = rows.setdefault(part.provider_id, ProviderInMonth(part.provider, month, today))
                row.parts.append(part)
        for row in rows.values():
            row.said = said.get((row.provider.id, month))
        found.append(sorted(rows.values(), key=lambda row: order.get(row.provider.id, len(order))))
    return found


def months_to_show(*, today: datetime.date) -> list[datetime.date]:
    """Return the months with data and the running one, the latest first."""
    return sorted({*imported_months(), today.replace(day=1)}, reverse=True)


def is_shown(provider: Provider) -> bool:
    """Does the page name this provider at all?"""
    if provider in resold_providers():
        return True
    query = select(UsagePart.id).where(UsagePart.provider_id == provider.id).limit(1)
    return db.session.scalars(query).first() is not None
