"""What one unit of a currency is worth in another, month by month."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import ExactDecimal, MonthDate
from app.tenancy.owned import TenantOwned


class ExchangeRate(TenantOwned, Model):
    """So many units of ``to_currency`` for one of ``from_currency``, for the usage of a month."""

    __tablename__ = "exchange_rates"
    __audit_name__ = "exchange_rate"
    __table_args__ = (UniqueConstraint("reseller_id", "month", "from_currency", "to_currency"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    month: Mapped[datetime.date] = mapped_column(MonthDate)
    from_currency: Mapped[str] = mapped_column(String(3))
    to_currency: Mapped[str] = mapped_column(String(3))
    rate: Mapped[Decimal] = mapped_column(ExactDecimal(18, 10))

    def __str__(self) -> str:
        return f"{self.from_currency} → {self.to_currency} {self.month:%Y-%m}"
