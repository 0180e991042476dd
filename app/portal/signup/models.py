"""A sign-up whose address is not proven yet."""

from __future__ import annotations

import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import UtcDateTime
from app.tenancy.owned import CustomerOwned


class EmailValidation(CustomerOwned, Model):
    """What waits for one person to follow one link. The row goes when it is used, and with the login.

    ``details`` is what was entered, as the approval request will have it. ``browser_hash`` knows the browser that
    signed up: in another one the link asks for the password, so that nobody's address proves a stranger's sign-up.
    """

    __tablename__ = "email_validations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        UniqueConstraint("user_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        Index("ix_email_validations_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64))
    browser_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
