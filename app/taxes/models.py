"""Tax rates of a reseller."""

from __future__ import annotations

from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import ExactDecimal
from app.tenancy.owned import TenantOwned


class TaxRate(TenantOwned, Model):
    """A named rate: ``percent`` of 20 means 20 %. Several rates add up on the same base, never compound."""

    __tablename__ = "tax_rates"
    __audit_name__ = "tax_rate"
    __table_args__ = (UniqueConstraint("reseller_id", "name"), UniqueConstraint("reseller_id", "id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    percent: Mapped[Decimal] = mapped_column(ExactDecimal(9, 4))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    def __str__(self) -> str:
        return self.name
