"""Pricebooks: copies of the provider's master with a name, one global percent and rules.

The master itself is no row: it is the provider's list price, and holds wherever no book is chosen.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.kernel.clock import utc_now
from app.kernel.types import ExactDecimal, MonthDate, StrEnumType, UtcDateTime
from app.months.terms import Dated
from app.providers.models import Provider
from app.rating.pricebook import MatchMode, RuleKind
from app.tenancy.owned import TenantOwned

#: The longest name of a service, SKU, region or usage type.
LONGEST_CELL = 200


class Pricebook(Dated, TenantOwned, Model):
    """A custom book; ``adjustment_percent`` below 0 is a discount on the master, above 0 an uplift.

    ``currency`` is that of differences and prices per unit. ``left_out`` is what an imported file said that no rule can
    say, as ``imports.LeftOut`` writes it. ``updated_at`` moves, and with it ``version``, when its rules are saved: a
    grid that was opened before is refused.
    """

    __tablename__ = "pricebooks"
    __terms__ = ("adjustment_percent",)
    __audit_name__ = "pricebook"
    __audit_links__ = ("provider",)
    __audit_ignored__ = frozenset({"left_out"})
    __table_args__ = (
        UniqueConstraint("reseller_id", "provider_id", "name"),
        UniqueConstraint("reseller_id", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    name: Mapped[str] = mapped_column(String(100))
    adjustment_percent: Mapped[Decimal] = mapped_column(ExactDecimal(9, 4), default=Decimal(0))
    currency: Mapped[str] = mapped_column(String(3))
    match_mode: Mapped[MatchMode] = mapped_column(StrEnumType(MatchMode), default=MatchMode.MOST_SPECIFIC)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    left_out: Mapped[list[dict[str, Any]]] = deferred(mapped_column(JSON, default=list, nullable=False))
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class PriceRule(TenantOwned, Model):
    """One rule of a book (docs/pricing.md#pricebooks). A name of "" is not named; positions say the order, no more.

    Rules have no entries of their own in the change log: saving a grid of 500 is one change of its book, which names
    every rule that it touched.
    """

    __tablename__ = "price_rules"
    __table_args__ = (
        ForeignKeyConstraint(["reseller_id", "pricebook_id"], ["pricebooks.reseller_id", "pricebooks.id"]),
        Index("ix_price_rules_reseller_id_pricebook_id", "reseller_id", "pricebook_id", "position"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    pricebook_id: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    service: Mapped[str] = mapped_column(String(LONGEST_CELL), default="")
    sku: Mapped[str] = mapped_column(String(LONGEST_CELL), default="")
    region: Mapped[str] = mapped_column(String(LONGEST_CELL), default="")
    usage_type: Mapped[str] = mapped_column(String(LONGEST_CELL), default="")
    kind: Mapped[RuleKind] = mapped_column(StrEnumType(RuleKind))
    value: Mapped[Decimal | None] = mapped_column(ExactDecimal(18, 10))
    first_month: Mapped[datetime.date | None] = mapped_column(MonthDate)
    last_month: Mapped[datetime.date | None] = mapped_column(MonthDate)
