"""Cloud accounts of customers: what AWS calls account, Azure subscription and Google project."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.customers.models import Customer
from app.kernel.types import StrEnumType, UtcDateTime
from app.months.terms import Dated
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.rating.months import first_day
from app.tenancy.owned import CustomerOwned


class CloudAccountStatus(enum.StrEnum):
    """Where a cloud account stands."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class AccountType(enum.StrEnum):
    """How the account came to the reseller: sold on by it, or the customer's own subscription that it looks after."""

    RESALE = "resale"
    SUBSCRIPTION = "subscription"


class CloudAccount(CustomerOwned, Model):
    """An account at a provider. It belongs to one customer at most, so that no usage is charged twice.

    ``customer`` is who has it now, None while nobody has: bills are imported before anybody says whose an account is,
    and such an account is the reseller's alone. Who had it on which day stands in ``AccountPeriod``.
    ``external_id`` is what a role in the account has to ask for; it is drawn once and stays. ``archived_on`` is the
    day on which the account was put aside, ``archived_spans`` the earlier times: from which day to which one.
    """

    __tablename__ = "cloud_accounts"
    __audit_name__ = "cloud_account"
    __audit_links__ = ("provider", "customer")
    __audit_ignored__ = frozenset({"external_id", "archived_on", "archived_spans"})
    __table_args__ = (
        UniqueConstraint("reseller_id", "provider_id", "account_id"),
        UniqueConstraint("external_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        Index("ix_cloud_accounts_reseller_id_customer_id", "reseller_id", "customer_id"),
        Index("ix_cloud_accounts_reseller_id_id", "reseller_id", "id", unique=True),  # rows that refer to one
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(Integer)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    account_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(120), default="")
    account_type: Mapped[AccountType] = mapped_column(StrEnumType(AccountType), default=AccountType.RESALE)
    support_type: Mapped[str] = mapped_column(String(40), default="")
    root_email: Mapped[str] = mapped_column(String(320), default="")
    cost_centre: Mapped[str] = mapped_column(String(100), default="")
    role_arn: Mapped[str] = mapped_column(String(600), default="")
    external_id: Mapped[str | None] = mapped_column(String(40))
    custom_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[CloudAccountStatus] = mapped_column(
        StrEnumType(CloudAccountStatus), default=CloudAccountStatus.ACTIVE
    )
    archived_on: Mapped[datetime.date | None] = mapped_column(Date)
    archived_spans: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer | None] = relationship(
        Customer,
        foreign_keys=[customer_id],
        primaryjoin="CloudAccount.customer_id == Customer.id",
        active_history=True,  # the change log names whose it was before
    )
    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name or self.account_id

    @property
    def in_full(self) -> str:
        """Its name with its id, or the id alone."""
        return f"{self.name} ({self.account_id})" if self.name else self.account_id

    @validates("external_id")
    def _keep_external_id(self, _key: str, value: str | None) -> str | None:
        """Refuse another one: the customer's role asks for the first."""
        if self.external_id not in (None, value):
            raise ValueError("an external id never changes")
        return value

    @property
    def is_active(self) -> bool:
        return self.status is CloudAccountStatus.ACTIVE

    def is_gone_in(self, month: datetime.date) -> bool:
        """Was the account archived before a month, and all through it? It pays no fixed amount and no minimum then."""
        if not self.is_active and (self.archived_on is None or self.archived_on < month):
            return True
        return any(
            datetime.date.fromisoformat(first) < month < first_day(datetime.date.fromisoformat(last))
            for first, last in self.archived_spans or ()
        )


class AccountPeriod(Dated, CustomerOwned, Model):
    """The days on which an account is one customer's, and what was agreed for them.

    ``first_day`` None: from the beginning; ``last_day`` None: until further notice. The periods of one account never
    overlap; between them it is nobody's. ``pricebook`` None: the customer's own book for the provider.
    ``billing_starts_on``: usage of earlier days is not billed. What was agreed ends with the period.
    """

    __tablename__ = "account_periods"
    __audit_name__ = "account_period"
    __audit_links__ = ("pricebook", "customer")
    __audit_with__ = "account"
    __audit_ignored__ = frozenset({"cloud_account_id", "reason"})
    __terms__ = ("pricebook_id",)
    __table_args__ = (
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "cloud_account_id"], ["cloud_accounts.reseller_id", "cloud_accounts.id"]
        ),
        ForeignKeyConstraint(["reseller_id", "pricebook_id"], ["pricebooks.reseller_id", "pricebooks.id"]),
        Index("ix_account_periods_reseller_id_customer_id", "reseller_id", "customer_id"),
        Index("ix_account_periods_cloud_account_id", "cloud_account_id"),
        # The database itself lets an account have one present owner at most.
        Index(
            "ux_account_periods_open",
            "cloud_account_id",
            unique=True,
            sqlite_where=text("last_day IS NULL"),
            postgresql_where=text("last_day IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    cloud_account_id: Mapped[int] = mapped_column(Integer)
    first_day: Mapped[datetime.date | None] = mapped_column(Date)
    last_day: Mapped[datetime.date | None] = mapped_column(Date)
    pricebook_id: Mapped[int | None] = mapped_column(Integer)
    billing_starts_on: Mapped[datetime.date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(500), default="")  # why the account came to this customer

    account: Mapped[CloudAccount] = relationship(
        CloudAccount,
        foreign_keys=[cloud_account_id],
        primaryjoin="AccountPeriod.cloud_account_id == CloudAccount.id",
    )
    customer: Mapped[Customer] = relationship(
        Customer, foreign_keys=[customer_id], primaryjoin="AccountPeriod.customer_id == Customer.id"
    )
    pricebook: Mapped[Pricebook | None] = relationship(
        Pricebook,
        foreign_keys=[pricebook_id],
        primaryjoin="AccountPeriod.pricebook_id == Pricebook.id",
        active_history=True,
    )

    def __str__(self) -> str:
        return str(self.account)

    def holds_on(self, day: datetime.date) -> bool:
        """Is the account the customer's on this day?"""
        begun = self.first_day is None or self.first_day <= day
        return begun and (self.last_day is None or day <= self.last_day)
