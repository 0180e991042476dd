"""Cloud accounts of customers: what AWS calls account, Azure subscription and Google project."""

from __future__ import annotations

import datetime
import enum

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.customers.models import Customer
from app.kernel.types import StrEnumType, UtcDateTime
from app.providers.models import Provider
from app.tenancy.owned import CustomerOwned


class CloudAccountStatus(enum.StrEnum):
    """Where a cloud account stands."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class CloudAccount(CustomerOwned, Model):
    """An account at a provider, linked to at most one customer, so that no usage is charged twice."""

    __tablename__ = "cloud_accounts"
    __audit_name__ = "cloud_account"
    __audit_links__ = ("provider",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "provider_id", "account_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        Index("ix_cloud_accounts_reseller_id_customer_id", "reseller_id", "customer_id"),
        Index("ix_cloud_accounts_reseller_id_id", "reseller_id", "id", unique=True),  # rows that refer to one
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    account_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(120), default="")
    support_type: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[CloudAccountStatus] = mapped_column(
        StrEnumType(CloudAccountStatus), default=CloudAccountStatus.ACTIVE
    )
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="CloudAccount.customer_id == Customer.id"
    )
    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name or self.account_id

    @property
    def is_active(self) -> bool:
        return self.status is CloudAccountStatus.ACTIVE
