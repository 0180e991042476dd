"""Charge plans (support plans among them), which customer has which, and the global discount or uplift."""

from __future__ import annotations

import enum
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.customers.models import Customer
from app.kernel.types import ExactDecimal, StrEnumType
from app.months.terms import Dated
from app.providers.models import Provider
from app.tenancy.owned import CustomerOwned, TenantOwned


class PlanKind(enum.StrEnum):
    """Does the plan add to the statement or take off?"""

    CHARGE = "charge"
    DISCOUNT = "discount"


class PlanType(enum.StrEnum):
    """How the amount comes about."""

    PERCENT = "percent"
    FIXED = "fixed"


class ChargePlan(TenantOwned, Model):
    """A named charge or discount of one provider; a support plan is such a plan.

    ``percent`` (12.5 means 12.5 %) counts for percent plans, ``amount`` in ``currency`` per month for fixed ones.
    """

    __tablename__ = "charge_plans"
    __audit_name__ = "charge_plan"
    __audit_links__ = ("provider",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "provider_id", "name"),
        UniqueConstraint("reseller_id", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    name: Mapped[str] = mapped_column(String(100))
    line_text: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[PlanKind] = mapped_column(StrEnumType(PlanKind), default=PlanKind.CHARGE)
    type: Mapped[PlanType] = mapped_column(StrEnumType(PlanType), default=PlanType.PERCENT)
    percent: Mapped[Decimal | None] = mapped_column(ExactDecimal(9, 4))
    amount: Mapped[Decimal | None] = mapped_column(ExactDecimal(16, 2))
    currency: Mapped[str] = mapped_column(String(3))
    is_support_plan: Mapped[bool] = mapped_column(Boolean, default=False)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    def __str__(self) -> str:
        return self.name


class ChargeAssignment(CustomerOwned, Model):
    """A plan that applies to a customer's usage of one provider."""

    __tablename__ = "charge_assignments"
    __audit_name__ = "charge_assignment"
    __audit_links__ = ("provider", "plan")
    __table_args__ = (
        UniqueConstraint("reseller_id", "customer_id", "plan_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(["reseller_id", "plan_id"], ["charge_plans.reseller_id", "charge_plans.id"]),
        Index("ix_charge_assignments_reseller_id_provider_id", "reseller_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    plan_id: Mapped[int] = mapped_column(Integer)

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="ChargeAssignment.customer_id == Customer.id"
    )
    provider: Mapped[Provider] = relationship(Provider, lazy="joined")
    plan: Mapped[ChargePlan] = relationship(
        ChargePlan,
        foreign_keys=[plan_id],
        primaryjoin="ChargeAssignment.plan_id == ChargePlan.id",
        lazy="joined",
        innerjoin=True,
    )

    def __str__(self) -> str:
        return str(self.plan)


class GlobalAdjustment(Dated, CustomerOwned, Model):
    """The percentage on the total value of a customer's statement: below 0 a discount, above 0 an uplift."""

    __tablename__ = "global_adjustments"
    __audit_name__ = "global_adjustment"
    __terms__ = ("percent",)
    __table_args__ = (
        UniqueConstraint("customer_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    percent: Mapped[Decimal] = mapped_column(ExactDecimal(9, 4), default=Decimal(0))
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="GlobalAdjustment.customer_id == Customer.id"
    )

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return str(self.percent)
