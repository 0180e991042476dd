"""Charge plans (support plans among them), what they are assigned to, and the global discount or uplift."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cloud_accounts.group_models import AccountGroup
from app.cloud_accounts.models import CloudAccount
from app.customers.models import Customer
from app.kernel.types import ExactDecimal, MonthDate, StrEnumType
from app.months.terms import Dated
from app.providers.models import Provider
from app.rating.assignments import Level
from app.rating.plans import Frequency, PlanBase, PlanKind, PlanScope, PlanType
from app.tenancy.owned import CustomerOwned, TenantOwned

__all__ = ["ChargeAssignment", "ChargePlan", "GlobalAdjustment", "Level", "PlanKind", "PlanType"]

#: Four decimals: the finest currency there is has so many.
Amount = ExactDecimal(18, 4)


class ChargePlan(Dated, TenantOwned, Model):
    """A named charge or discount of one provider; a support plan is such a plan (docs/pricing.md#plans).

    Everything that moves money is one of its terms: a new price table counts from a month, and the months before keep
    the old one. ``percent`` (12.5 means 12.5 %) is that of percent plans, ``amount`` that of fixed ones, ``bands``
    those of tiered ones; all amounts are in ``currency``. Bands are kept as texts (``app.charges.bands``): a table is
    compared, dated and logged as one value, and people read it in the change log as it is.
    """

    __tablename__ = "charge_plans"
    __audit_name__ = "charge_plan"
    __audit_links__ = ("provider",)
    __terms__ = (
        "line_text",
        "kind",
        "type",
        "percent",
        "amount",
        "bands",
        "currency",
        "base",
        "scope",
        "frequency",
        "minimum",
        "maximum",
        "excluded_services",
        "is_prorated",
        "includes_fixed",
        "includes_marketplace",
        "valid_from",
        "valid_to",
    )
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
    amount: Mapped[Decimal | None] = mapped_column(Amount)
    bands: Mapped[list[str]] = mapped_column(JSON, default=list)
    currency: Mapped[str] = mapped_column(String(3))
    base: Mapped[PlanBase] = mapped_column(StrEnumType(PlanBase), default=PlanBase.LIST_COST)
    scope: Mapped[PlanScope] = mapped_column(StrEnumType(PlanScope), default=PlanScope.PER_ACCOUNT)
    frequency: Mapped[Frequency] = mapped_column(StrEnumType(Frequency), default=Frequency.MONTHLY)
    minimum: Mapped[Decimal | None] = mapped_column(Amount)
    maximum: Mapped[Decimal | None] = mapped_column(Amount)
    excluded_services: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_prorated: Mapped[bool] = mapped_column(Boolean, default=False)
    includes_fixed: Mapped[bool] = mapped_column(Boolean, default=False)
    includes_marketplace: Mapped[bool] = mapped_column(Boolean, default=False)
    valid_from: Mapped[datetime.date | None] = mapped_column(Date)
    valid_to: Mapped[datetime.date | None] = mapped_column(Date)
    is_support_plan: Mapped[bool] = mapped_column(Boolean, default=False)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    def __str__(self) -> str:
        return self.name


class ChargeAssignment(CustomerOwned, Model):
    """A plan that applies to usage of one provider: of an account, an account group, a customer, or of all customers.

    ``level`` says which. The reseller's default has no customer; the other three name one. It counts from
    ``first_month`` to ``last_month``, both included; empty is open.
    """

    __tablename__ = "charge_assignments"
    __audit_name__ = "charge_assignment"
    __audit_links__ = ("provider", "plan", "account", "group")
    __table_args__ = (
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(["reseller_id", "plan_id"], ["charge_plans.reseller_id", "charge_plans.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "account_id"], ["cloud_accounts.reseller_id", "cloud_accounts.id"]
        ),
        ForeignKeyConstraint(
            ["reseller_id", "group_id"], ["account_groups.reseller_id", "account_groups.id"]
        ),
        CheckConstraint("(level = 'reseller') = (customer_id IS NULL)", name="names_a_customer"),
        CheckConstraint("(level = 'account') = (account_id IS NOT NULL)", name="names_an_account"),
        CheckConstraint("(level = 'group') = (group_id IS NOT NULL)", name="names_a_group"),
        CheckConstraint("last_month >= first_month", name="ends_after_it_starts"),
        # The one that says most comes first into the planner's mind: a customer's, and (without one) the defaults.
        Index(
            "ix_charge_assignments_reseller_id_customer_id_provider_id",
            "reseller_id",
            "customer_id",
            "provider_id",
        ),
        Index("ix_charge_assignments_reseller_id_plan_id", "reseller_id", "plan_id"),
        Index("ix_charge_assignments_reseller_id_account_id", "reseller_id", "account_id"),
        Index("ix_charge_assignments_reseller_id_group_id", "reseller_id", "group_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    level: Mapped[Level] = mapped_column(StrEnumType(Level), default=Level.CUSTOMER)
    customer_id: Mapped[int | None] = mapped_column(Integer)
    account_id: Mapped[int | None] = mapped_column(Integer)
    group_id: Mapped[int | None] = mapped_column(Integer)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    plan_id: Mapped[int] = mapped_column(Integer)
    first_month: Mapped[datetime.date | None] = mapped_column(MonthDate)
    last_month: Mapped[datetime.date | None] = mapped_column(MonthDate)

    customer: Mapped[Customer | None] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="ChargeAssignment.customer_id == Customer.id"
    )
    account: Mapped[CloudAccount | None] = relationship(
        CloudAccount,
        foreign_keys=[account_id],
        primaryjoin="ChargeAssignment.account_id == CloudAccount.id",
    )
    group: Mapped[AccountGroup | None] = relationship(
        AccountGroup, foreign_keys=[group_id], primaryjoin="ChargeAssignment.group_id == AccountGroup.id"
    )
    provider: Mapped[Provider] = relationship(Provider, lazy="joined")
    plan: Mapped[ChargePlan] = relationship(
        ChargePlan,
        foreign_keys=[plan_id],
        primaryjoin="ChargeAssignment.plan_id == ChargePlan.id",
        lazy="joined",
        innerjoin=True,
        active_history=True,  # the change log names the plan that was there before
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
