"""What other terms of a plan would have meant in the last imported month: a port that billing fills.

Nothing here reads a bill, and until a source announces itself there is nothing to show.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from app.charges.models import ChargePlan
from app.rating.money import ZERO
from app.rating.plans import Plan


@dataclass(slots=True)
class MovedTotal:
    """What a customer's statement comes to, before and after."""

    name: str
    before: Decimal = ZERO
    after: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(slots=True)
class PlanRun:
    """A month with other terms of a plan. ``customers``: all that have it; ``looked_at``: how many were computed.

    ``hit``: those of them that pay something else, what moves most first; ``not_computed``: those that cannot be billed
    as it is, for want of an exchange rate.
    """

    month: datetime.date
    currency: str
    customers: int = 0
    looked_at: int = 0
    not_computed: int = 0
    total: MovedTotal = field(default_factory=lambda: MovedTotal(""))
    hit: list[MovedTotal] = field(default_factory=list)


class SourceOfRuns(Protocol):
    """What billing gives."""

    def run(self, row: ChargePlan, after: Plan) -> PlanRun | None:
        """Return the last imported month with ``after`` in the place of a plan; None while nothing was imported."""


_SOURCES: list[SourceOfRuns] = []


def take_runs_from(source: SourceOfRuns | None) -> None:
    """Announce where it comes from; None takes it back."""
    _SOURCES[:] = [] if source is None else [source]


def dry_run(row: ChargePlan, after: Plan) -> PlanRun | None:
    """Return what other terms would have meant; None without a month."""
    return _SOURCES[0].run(row, after) if _SOURCES else None
