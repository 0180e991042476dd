"""Named reads of charge plans."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.charges.models import ChargePlan, PlanKind
from app.extensions import db
from app.kernel.folding import fold
from app.kernel.references import count_owners
from app.providers.models import Provider


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """What the list of plans was asked for; ``kind`` may also be ``support``."""

    text: str = ""
    provider: str = ""
    kind: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.provider or self.kind)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with the number of customers that have it."""

    plan: ChargePlan
    customers: int


def plan_rows(wanted: PlanFilter) -> list[PlanRow]:
    """Return the plans that the filter finds, by provider, those in use first."""
    query = select(ChargePlan).join(ChargePlan.provider)
    if wanted.provider:
        query = query.where(Provider.code == wanted.provider)
    if wanted.kind == "support":
        query = query.where(ChargePlan.is_support_plan.is_(True))
    elif wanted.kind:
        query = query.where(ChargePlan.kind == PlanKind(wanted.kind))
    text = fold(wanted.text)
    plans = [one for one in db.session.scalars(query) if text in fold(f"{one.name} {one.line_text}")]
    plans.sort(
        key=lambda one: (one.provider.position, one.provider.name, one.is_retired, fold(one.name), one.id)
    )
    used = count_owners(db.session, ChargePlan, [plan.id for plan in plans])
    return [PlanRow(plan, used.get(plan.id, 0)) for plan in plans]
