"""Statements and their lines, what each used, and the numbers. The database lets nobody change an issued one."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.customers.models import Customer
from app.kernel.types import ExactDecimal, MonthDate, StrEnumType, UtcDateTime
from app.months.models import Subject
from app.providers.models import Provider
from app.rating.usage import LineKind
from app.tenancy.owned import ShownOnceIssued, ShownToCustomers, TenantOwned

#: Four decimals: the finest currency there is has so many.
Amount = ExactDecimal(18, 4)


class Kind(enum.StrEnum):
    """What a statement is about."""

    USAGE = "usage"
    FEES = "fees"  # of commitments, where they are billed apart
    CREDIT_NOTE = "credit_note"  # corrects an issued one


class State(enum.StrEnum):
    """Where it stands. An open one is past due from the day after it was to be paid."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    DISCARDED = "discarded"


#: States of an issued statement that counts.
COUNTING = (State.OPEN, State.PAID)
#: States of which a customer, month, kind and scope has one statement at most.
LIVE = (State.DRAFT, *COUNTING)


class Statement(ShownOnceIssued, Model):
    """What a customer pays for a month: usage, the fees of commitments, or a correction.

    ``provider`` empty: all providers together. ``live_key`` names month, kind and scope while the statement is live, so
    that the database refuses a second one. ``number`` is given when it is issued and stays with it. Amounts have the
    sign with which they count; ``seller_cost`` is not the customer's to see. ``paper`` is what is printed, ``frozen``
    all that was used, ``frozen_hash`` the SHA-256 of both; ``behind`` holds what every amount is made of, compressed.
    ``fingerprint`` tells whether a draft would be the same today.
    """

    __tablename__ = "statements"
    __audit_name__ = "statement"
    __audit_links__ = ("provider", "corrects")
    __audit_merged__ = {"total": ("total", "currency")}
    __audit_ignored__ = frozenset(
        {
            *(
                "live_key",
                "paper",
                "frozen",
                "frozen_hash",
                "behind",
                "fingerprint",
                "seller_cost",
            ),
            *("rated_at", "created_by", "issued_at", "issued_by", "reviews", "state", "usage_amount"),
            *("charges_amount", "adjustment_amount", "credit_amount", "tax_amount", "void_reason"),
        }
    )
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        UniqueConstraint("reseller_id", "customer_id", "id"),
        UniqueConstraint("reseller_id", "customer_id", "live_key"),
        UniqueConstraint("reseller_id", "number"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "customer_id", "corrects_id"],
            ["statements.reseller_id", "statements.customer_id", "statements.id"],
        ),
        CheckConstraint(
            "(state IN ('draft', 'discarded')) = (number IS NULL) AND (number IS NULL) = (issued_at IS NULL)",
            name="number_when_issued",
        ),
        CheckConstraint("(state IN ('void', 'discarded')) = (live_key IS NULL)", name="live_key_while_live"),
        Index("ix_statements_reseller_id_month_state", "reseller_id", "month", "state"),
        Index("ix_statements_reseller_id_customer_id_month", "reseller_id", "customer_id", "month"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    month: Mapped[datetime.date] = mapped_column(MonthDate)
    kind: Mapped[Kind] = mapped_column(StrEnumType(Kind))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    state: Mapped[State] = mapped_column(StrEnumType(State))
    live_key: Mapped[str | None] = mapped_column(String(80))
    number: Mapped[str | None] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    usage_amount: Mapped[Decimal] = mapped_column(Amount)
    charges_amount: Mapped[Decimal] = mapped_column(Amount)
    adjustment_amount: Mapped[Decimal] = mapped_column(Amount)
    credit_amount: Mapped[Decimal] = mapped_column(Amount)
    tax_amount: Mapped[Decimal] = mapped_column(Amount)
    total: Mapped[Decimal] = mapped_column(Amount)
    seller_cost: Mapped[Decimal] = mapped_column(Amount)
    is_estimated: Mapped[bool] = mapped_column(Boolean, default=False)
    reviews: Mapped[int] = mapped_column(Integer, default=0)
    corrects_id: Mapped[int | None] = mapped_column(Integer)
    rated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(200), default="")
    issued_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(String(200), default="")
    due_on: Mapped[datetime.date | None] = mapped_column()
    paid_on: Mapped[datetime.date | None] = mapped_column()
    void_reason: Mapped[str] = mapped_column(String(500), default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    frozen_hash: Mapped[str] = mapped_column(String(64), default="")
    paper: Mapped[dict[str, Any]] = deferred(mapped_column(JSON, nullable=False))
    frozen: Mapped[dict[str, Any]] = deferred(mapped_column(JSON, nullable=False))
    behind: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="Statement.customer_id == Customer.id"
    )
    provider: Mapped[Provider | None] = relationship(Provider)
    corrects: Mapped[Statement | None] = relationship(
        "Statement",
        foreign_keys=[corrects_id],
        primaryjoin="Statement.corrects_id == remote(Statement.id)",
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def is_credit_note(self) -> bool:
        """Is it called a credit note? One that corrects another, and any whose total is below 0."""
        return self.kind is Kind.CREDIT_NOTE or self.total < 0

    @property
    def margin(self) -> Decimal:
        """Customer cost less seller cost."""
        return self.usage_amount - self.seller_cost

    def is_past_due(self, today: datetime.date) -> bool:
        return self.state is State.OPEN and self.due_on is not None and self.due_on < today and self.total > 0

    def __str__(self) -> str:
        return self.number or f"{self.month:%Y-%m}"


class StatementLine(TenantOwned, Model):
    """One printed line with what is behind it; not the customer's to see, who has the paper.

    ``subject`` is the id of the plan, credit or tax rate. ``quantity``, ``basis`` and ``rate`` are exact decimals as
    text, empty where there is none; ``reason`` is a code with its parameters.
    """

    __tablename__ = "statement_lines"
    __table_args__ = (
        UniqueConstraint("reseller_id", "statement_id", "position"),
        ForeignKeyConstraint(["reseller_id", "statement_id"], ["statements.reseller_id", "statements.id"]),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    statement_id: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[LineKind] = mapped_column(StrEnumType(LineKind))
    provider: Mapped[str] = mapped_column(String(40), default="")
    account: Mapped[str] = mapped_column(String(200), default="")
    service: Mapped[str] = mapped_column(String(300), default="")
    subject: Mapped[int | None] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(String(500), default="")
    quantity: Mapped[str] = mapped_column(String(60), default="")
    unit: Mapped[str] = mapped_column(String(100), default="")
    basis: Mapped[str] = mapped_column(String(80), default="")
    rate: Mapped[str] = mapped_column(String(40), default="")
    amount: Mapped[Decimal] = mapped_column(Amount)
    seller_cost: Mapped[Decimal] = mapped_column(Amount)
    reason: Mapped[dict[str, Any]] = mapped_column(JSON)


class StatementUse(TenantOwned, Model):
    """A book, plan or tax rate that an issued statement used: its month is locked while any of them counts."""

    __tablename__ = "statement_uses"
    __table_args__ = (
        UniqueConstraint("reseller_id", "statement_id", "subject", "subject_id"),
        ForeignKeyConstraint(["reseller_id", "statement_id"], ["statements.reseller_id", "statements.id"]),
        Index("ix_statement_uses_reseller_id_subject", "reseller_id", "subject", "subject_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    statement_id: Mapped[int] = mapped_column(Integer)
    subject: Mapped[Subject] = mapped_column(StrEnumType(Subject))
    subject_id: Mapped[int] = mapped_column(Integer)


class StatementPart(TenantOwned, Model):
    """A version of imported usage that a statement was made of; one that was issued keeps its files."""

    __tablename__ = "statement_parts"
    __table_args__ = (
        UniqueConstraint("reseller_id", "statement_id", "part_id"),
        ForeignKeyConstraint(["reseller_id", "statement_id"], ["statements.reseller_id", "statements.id"]),
        ForeignKeyConstraint(["reseller_id", "part_id"], ["usage_parts.reseller_id", "usage_parts.id"]),
        Index("ix_statement_parts_reseller_id_part_id", "reseller_id", "part_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    statement_id: Mapped[int] = mapped_column(Integer)
    part_id: Mapped[int] = mapped_column(Integer)


class SettledBy(enum.StrEnum):
    """How a late change reached the customer."""

    CHARGE = "charge"  # a plan of the customer's own, charged once
    CREDIT_NOTE = "credit_note"
    CREDIT = "credit"


class LateSettlement(TenantOwned, Model):
    """What of a late change of an issued statement was billed (above 0) or given back, before credits and tax.

    ``subject_id`` is the plan, credit note or credit. It settles as long as that counts: see ``late``.
    """

    __tablename__ = "late_settlements"
    __table_args__ = (
        ForeignKeyConstraint(["reseller_id", "statement_id"], ["statements.reseller_id", "statements.id"]),
        Index("ix_late_settlements_reseller_id_statement_id", "reseller_id", "statement_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    statement_id: Mapped[int] = mapped_column(Integer)
    settled_by: Mapped[SettledBy] = mapped_column(StrEnumType(SettledBy))
    subject_id: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Decimal] = mapped_column(Amount)
    settled_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)


class StatementLogo(ShownToCustomers, Model):
    """An image that stands on issued statements, kept once however many they are."""

    __tablename__ = "statement_logos"
    __table_args__ = (UniqueConstraint("reseller_id", "sha256"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary)


#: What a run does.
GENERATE, ISSUE = "generate", "issue"


class BillingRun(TenantOwned, Model):
    """Statements of a month that are generated or issued together.

    ``chosen`` names statements to issue, or customers to generate for (None: all of the month).
    """

    __tablename__ = "billing_runs"
    __table_args__ = (UniqueConstraint("reseller_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    verb: Mapped[str] = mapped_column(String(20))
    month: Mapped[datetime.date] = mapped_column(MonthDate)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    chosen: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    started_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(String(200), default="")

    provider: Mapped[Provider | None] = relationship(Provider)


class Outcome(enum.StrEnum):
    """What a run did for one customer."""

    DONE = "done"
    NOTHING = "nothing"  # there was nothing to bill
    FAILED = "failed"


class BillingOutcome(TenantOwned, Model):
    """What became of a customer (generate) or a statement (issue) of a run; ``text`` says why it failed.

    ``missing_rates``: the exchange rates that the month lacks, as pairs of currencies.
    """

    __tablename__ = "billing_outcomes"
    __table_args__ = (
        UniqueConstraint("reseller_id", "run_id", "subject_id"),
        ForeignKeyConstraint(["reseller_id", "run_id"], ["billing_runs.reseller_id", "billing_runs.id"]),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(Integer)
    subject_id: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(250), default="")
    outcome: Mapped[Outcome] = mapped_column(StrEnumType(Outcome))
    text: Mapped[str] = mapped_column(String(1000), default="")
    missing_rates: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
