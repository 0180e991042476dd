"""Tax rates of a reseller, and what a customer pays of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, ForeignKeyConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.types import ExactDecimal
from app.months.terms import Dated
from app.tenancy.owned import CustomerOwned, TenantOwned


class TaxRate(Dated, TenantOwned, Model):
    """A named rate: ``percent`` of 20 means 20 %. Several rates add up on the same base, never compound.

    The percentage counts from a month. ``region`` and ``postal_code`` say where it holds, for whoever chooses rates.
    """

    __tablename__ = "tax_rates"
    __audit_name__ = "tax_rate"
    __terms__ = ("percent",)
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


class TaxProfile(Dated, CustomerOwned, Model):
    """Whether a customer pays tax from a month on, and at which rates. Without a row: no tax.

    ``tax_rate_ids`` is sorted. The rates of the newest profile are rows of ``customer_tax_rates`` besides, so that the
    database itself keeps a rate that somebody pays, and the change log names those that come and go.
    """

    __tablename__ = "tax_profiles"
    __audit_name__ = "tax_profile"
    __audit_ignored__ = frozenset({"tax_rate_ids"})
    __terms__ = ("is_taxable", "tax_rate_ids")
    __table_args__ = (
        UniqueConstraint("customer_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    is_taxable: Mapped[bool] = mapped_column(Boolean, default=False)
    tax_rate_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Any] = relationship(
        "Customer", foreign_keys=[customer_id], primaryjoin="TaxProfile.customer_id == Customer.id"
    )

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return str(self.customer)
