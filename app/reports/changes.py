"""What moved between two months: services and accounts whose cost changed, the largest change first."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.rating.money import exactly
from app.rating.months import last_day
from app.reports.costs import By, Costs, Sums, Wanted, sums_by, total
from app.reports.tables import Asked, Fields, Name, named_rows


@dataclass(frozen=True, slots=True)
class Change:
    """What one thing cost in the earlier and in the later month."""

    currency: str
    names: tuple[Name, ...]
    before: Costs
    after: Costs

    @property
    @exactly
    def customer(self) -> Decimal:
        return self.after.customer - self.before.customer

    @property
    @exactly
    def seller(self) -> Decimal:
        return self.after.seller - self.before.seller

    @property
    @exactly
    def margin(self) -> Decimal:
        return self.after.margin - self.before.margin

    @property
    def is_new(self) -> bool:
        return not self.before.lines

    @property
    def is_gone(self) -> bool:
        return not self.after.lines


def changes_between(
    earlier: datetime.date, later: datetime.date, wanted: Wanted, groups: Sequence[str], fields: Fields
) -> tuple[list[Change], dict[str, Change]]:
    """Return what moved, the largest change of customer cost first, and all of it together by currency."""
    bys = [By(one) for one in groups]
    months = [
        sums_by(replace(wanted, first=month, last=last_day(month)), bys)[0] for month in (earlier, later)
    ]
    asked = Asked(wanted, tuple(groups), ())
    found, totals = [], {}
    for currency in dict.fromkeys([*months[0], *months[1]]):
        before, after = (one.get(currency, {}) for one in months)
        keys = dict.fromkeys([*before, *after])
        both: Sums = {currency: {key: before.get(key, Costs()) + after.get(key, Costs()) for key in keys}}
        for key, row in zip(keys, named_rows(both, asked, fields), strict=True):
            one = Change(currency, row.names, before.get(key, Costs()), after.get(key, Costs()))
            if one.customer or one.seller:
                found.append(one)
        nothing: tuple[Name, ...] = ()
        totals[currency] = Change(currency, nothing, total(before), total(after))
    found.sort(key=lambda one: (one.currency != next(iter(months[0])), -abs(one.customer), -abs(one.seller)))
    return found, totals
