"""Pricebooks, first form: a copy of the provider's master with a name and one global percent.

The master itself is no row: it is the provider's list price, and holds wherever no book is chosen.
"""

from __future__ import annotations

from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.types import ExactDecimal
from app.providers.models import Provider
from app.tenancy.owned import TenantOwned


class Pricebook(TenantOwned, Model):
    """A custom book; ``adjustment_percent`` below 0 is a discount on the master, above 0 an uplift."""

    __tablename__ = "pricebooks"
    __audit_name__ = "pricebook"
    __audit_links__ = ("provider",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "provider_id", "name"),
        UniqueConstraint("reseller_id", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    name: Mapped[str] = mapped_column(String(100))
    adjustment_percent: Mapped[Decimal] = mapped_column(ExactDecimal(9, 4), default=Decimal(0))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    def __str__(self) -> str:
        return self.name
