"""Budgets, which of their thresholds, and of customers' spend thresholds, were crossed, and what makes prices old."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.customers.models import Customer
from app.kernel.types import ExactDecimal, StrEnumType, UtcDateTime
from app.providers.models import Provider
from app.tenancy.owned import TenantOwned


class BudgetBase(enum.StrEnum):
    """Which cost counts."""

    CUSTOMER = "customer"
    SELLER = "seller"


class BudgetPeriod(enum.StrEnum):
    """How long the amount has to last; weeks begin on Monday."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    CUSTOM = "custom"


class Budget(TenantOwned, Model):
    """So much may be spent in each period, on everything or on one provider, customer or account.

    ``thresholds``: texts such as ``80%`` and ``5000``; ``recipients``: addresses, none means the reseller's usual ones.
    """

    __tablename__ = "budgets"
    __audit_name__ = "budget"
    __audit_ignored__ = frozenset({"created_on"})
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        ForeignKeyConstraint(["reseller_id", "whose_id"], ["customers.reseller_id", "customers.id"]),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Decimal] = mapped_column(ExactDecimal(16, 2))
    base: Mapped[BudgetBase] = mapped_column(StrEnumType(BudgetBase))
    period: Mapped[BudgetPeriod] = mapped_column(StrEnumType(BudgetPeriod))
    first_on: Mapped[datetime.date | None] = mapped_column(Date)
    last_on: Mapped[datetime.date | None] = mapped_column(Date)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    #: The customer that it is about: the row is the reseller's, and no customer sees it.
    customer_id: Mapped[int | None] = mapped_column("whose_id", Integer)
    account: Mapped[str] = mapped_column(String(200), default="")
    thresholds: Mapped[list[str]] = mapped_column(JSON)
    recipients: Mapped[list[str]] = mapped_column(JSON)
    created_on: Mapped[datetime.date] = mapped_column(Date)

    provider: Mapped[Provider | None] = relationship(lazy="joined")
    customer: Mapped[Customer | None] = relationship(
        primaryjoin="foreign(Budget.customer_id) == Customer.id", viewonly=True, lazy="joined"
    )

    def __str__(self) -> str:
        return self.name


class BudgetCrossing(TenantOwned, Model):
    """A threshold that was crossed: of a budget, or of a customer's spend. Once in each period."""

    __tablename__ = "budget_crossings"
    __table_args__ = (
        UniqueConstraint("reseller_id", "budget_id", "first_on", "threshold"),
        UniqueConstraint("reseller_id", "whose_id", "first_on", "threshold"),
        ForeignKeyConstraint(["reseller_id", "budget_id"], ["budgets.reseller_id", "budgets.id"]),
        ForeignKeyConstraint(["reseller_id", "whose_id"], ["customers.reseller_id", "customers.id"]),
        CheckConstraint("(budget_id IS NULL) <> (whose_id IS NULL)", name="of_one"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    budget_id: Mapped[int | None] = mapped_column(Integer)
    #: The customer that it is about: the row is the reseller's, and no customer sees it.
    customer_id: Mapped[int | None] = mapped_column("whose_id", Integer)
    first_on: Mapped[datetime.date] = mapped_column(Date)
    threshold: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    spent: Mapped[Decimal] = mapped_column(ExactDecimal(16, 2))
    crossed_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)


class PriceMark(TenantOwned, Model):
    """The trace of a change that prices may depend on, made in its transaction; ``token`` is mere chance.

    Which marks there are says which prices count: as long as they are the same, so is every priced month (see
    ``price_marks``). They are not numbered, because who began first need not commit first.
    """

    __tablename__ = "price_marks"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)
