"""What moved between two months: services and accounts whose cost changed, the largest change first."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import overload

from app.rating.money import exactly
from app.rating.months import last_day
from app.reports.costs import By, Costs, Key, Wanted, sums_by, total
from app.reports.tables import Asked, Fields, Name, Naming

_NOTHING = Costs()


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


class Changes(Sequence[Change]):
    """What moved in one currency, the largest change of customer cost first; named when it is taken."""

    def __init__(
        self, naming: Naming, currency: str, before: Mapping[Key, Costs], after: Mapping[Key, Costs]
    ) -> None:
        self._naming, self._currency, self._before, self._after = naming, currency, before, after
        self._keys = _moved(before, after)

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, place: int) -> Change: ...
    @overload
    def __getitem__(self, place: slice) -> list[Change]: ...
    def __getitem__(self, place: int | slice) -> Change | list[Change]:
        if isinstance(place, int):
            place = range(len(self))[place]
            return self[place : place + 1][0]
        keys = self._keys[place]
        self._naming.learn(keys)
        return [
            Change(
                self._currency,
                self._naming.names(key),
                self._before.get(key, _NOTHING),
                self._after.get(key, _NOTHING),
            )
            for key in keys
        ]


@exactly
def _moved(before: Mapping[Key, Costs], after: Mapping[Key, Costs]) -> list[Key]:
    """Return the keys whose costs differ, by how much the customer's do and then the seller's."""
    found: list[tuple[Decimal, Decimal, Key]] = []
    for key, then in before.items():
        now = after.get(key, _NOTHING)
        if then.customer != now.customer or then.seller != now.seller:
            found.append((-abs(now.customer - then.customer), -abs(now.seller - then.seller), key))
    for key, now in after.items():
        if key not in before and (now.customer or now.seller):
            found.append((-abs(now.customer), -abs(now.seller), key))
    found.sort(key=lambda one: one[:2])
    return [key for _customer, _seller, key in found]


def changes_between(
    earlier: datetime.date, later: datetime.date, wanted: Wanted, groups: Sequence[str], fields: Fields
) -> tuple[Mapping[str, Changes], dict[str, Change]]:
    """Return what moved by currency, the reseller's first, and all of it together."""
    bys = [By(one) for one in groups]
    months = [
        sums_by(replace(wanted, first=month, last=last_day(month)), bys, amounts_only=True)[0]
        for month in (earlier, later)
    ]
    naming = Naming(Asked(wanted, tuple(groups), ()), fields)
    found, totals = {}, {}
    for currency in dict.fromkeys([*months[0], *months[1]]):
        before, after = (one.get(currency, {}) for one in months)
        found[currency] = Changes(naming, currency, before, after)
        totals[currency] = Change(currency, (), total(before), total(after))
    return found, totals
