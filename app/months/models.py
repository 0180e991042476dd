"""Locked months, and the terms that records had in months before the ones they have now."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import MonthDate, StrEnumType, UtcDateTime
from app.tenancy.owned import TenantOwned


class Subject(enum.StrEnum):
    """What a month is locked for."""

    CUSTOMER = "customer"
    PRICEBOOK = "pricebook"
    CHARGE_PLAN = "charge_plan"
    TAX_RATE = "tax_rate"
    EXCHANGE_RATE = "exchange_rate"


class MonthLock(TenantOwned, Model):
    """A month in which a customer, or a book, plan or rate that customers share, can no longer change.

    ``cause`` is what locked it first, in words for people: the number of a statement.
    """

    __tablename__ = "month_locks"
    __table_args__ = (UniqueConstraint("reseller_id", "subject", "subject_id", "month"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    subject: Mapped[Subject] = mapped_column(StrEnumType(Subject))
    subject_id: Mapped[int] = mapped_column(Integer)
    month: Mapped[datetime.date] = mapped_column(MonthDate)
    cause: Mapped[str] = mapped_column(String(100), default="")
    locked_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)


class EarlierTerms(TenantOwned, Model):
    """What a record said from ``first_month`` (None: from the beginning) to ``last_month``, before it was changed.

    ``record_type`` is the record's table. ``terms`` are the values of its ``__terms__``, as JSON can hold them.
    """

    __tablename__ = "earlier_terms"
    __table_args__ = (UniqueConstraint("reseller_id", "record_type", "record_id", "last_month"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    record_type: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int] = mapped_column(Integer)
    first_month: Mapped[datetime.date | None] = mapped_column(MonthDate)
    last_month: Mapped[datetime.date] = mapped_column(MonthDate)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
