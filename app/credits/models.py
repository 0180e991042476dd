"""Credits of customers, and the ledger of what happened to each. The database lets nobody change or delete either."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.customers.models import Customer
from app.kernel.types import ExactDecimal, MonthDate, StrEnumType, UtcDateTime
from app.rating.credits import EntryKind
from app.rating.money import round_money
from app.tenancy.owned import CustomerOwned

#: Four decimals: the finest currency there is has so many.
Amount = ExactDecimal(18, 4)


class Credit(CustomerOwned, Model):
    """What a customer was granted: ``amount`` in ``currency``, for statements from ``first_month`` on (None: all).

    ``comment`` is the reseller's own. ``submission`` makes a repeated grant one credit.
    """

    __tablename__ = "credits"
    __audit_name__ = "credit"
    __audit_ignored__ = frozenset({"submission", "granted_at", "granted_by"})
    __table_args__ = (
        UniqueConstraint("reseller_id", "customer_id", "id"),
        UniqueConstraint("reseller_id", "submission"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    comment: Mapped[str] = mapped_column(String(500), default="")
    first_month: Mapped[datetime.date | None] = mapped_column(MonthDate)
    submission: Mapped[str | None] = mapped_column(String(64))
    granted_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    granted_by: Mapped[str] = mapped_column(String(200), default="")

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="Credit.customer_id == Customer.id"
    )

    def __str__(self) -> str:
        return f"{self.currency} {round_money(self.amount, self.currency)}"


class CreditEntry(CustomerOwned, Model):
    """One line of the ledger. ``change`` is what it does to what is left: the sum of all is what is left.

    Granted and released entries add, used and reversed ones take. ``statement`` and ``month`` name the statement that
    used it; ``reason`` says why it was reversed.
    """

    __tablename__ = "credit_entries"
    __table_args__ = (
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "customer_id", "credit_id"],
            ["credits.reseller_id", "credits.customer_id", "credits.id"],
        ),
        CheckConstraint(
            "(kind IN ('granted', 'released') AND change > 0) OR (kind IN ('used', 'reversed') AND change < 0)",
            name="change_by_kind",
        ),
        # A credit is granted once, and used and released by a statement once.
        Index(
            "ix_credit_entries_once",
            "reseller_id",
            "credit_id",
            "kind",
            "statement",
            unique=True,
            sqlite_where=text("kind <> 'reversed'"),
            postgresql_where=text("kind <> 'reversed'"),
        ),
        Index("ix_credit_entries_reseller_id_customer_id", "reseller_id", "customer_id"),
        Index("ix_credit_entries_reseller_id_statement", "reseller_id", "statement"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    credit_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[EntryKind] = mapped_column(StrEnumType(EntryKind))
    change: Mapped[Decimal] = mapped_column(Amount)
    statement: Mapped[str] = mapped_column(String(100), default="")
    month: Mapped[datetime.date | None] = mapped_column(MonthDate)
    reason: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(200), default="")
