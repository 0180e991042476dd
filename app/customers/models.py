"""The customer, what it may buy, and which taxes it pays."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.kernel.types import ExactDecimal, StrEnumType, UtcDateTime
from app.months.terms import Dated
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.taxes.models import TaxRate
from app.tenancy.models import Reseller
from app.tenancy.owned import CustomerOwned, CustomerRule, TenantOwned

#: Folded keys are compared and ranged over by code point on every engine.
LONGEST_KEY = 400
FoldedKey = String(LONGEST_KEY).with_variant(String(LONGEST_KEY, collation="C"), "postgresql")
FoldedText = Text().with_variant(Text(collation="C"), "postgresql")


class CustomerStatus(enum.StrEnum):
    """Where a customer stands; archived ones keep their history and are out of the way."""

    PENDING = "pending"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Customer(TenantOwned, Model):
    """A company that buys cloud services from the reseller.

    ``number`` counts per reseller and is shown as C-1001. ``organization_key`` is the folded name: it makes
    organizations unique per reseller and sorts the list. ``search_own`` and ``search_accounts`` are what a search looks
    into, folded; the database keeps a trigram index of them (app/customers/search.py). ``spend_threshold_currency`` is
    what the amount was entered in; it stays when the reseller's own currency changes. ``version`` refuses to overwrite
    somebody else's save.
    """

    __tablename__ = "customers"
    __guard__ = CustomerRule("id")
    __audit_name__ = "customer"
    __audit_alias__ = "account_number"
    __audit_merged__ = {"spend_threshold": ("spend_threshold_amount", "spend_threshold_currency")}
    __audit_ignored__ = frozenset(
        {"organization_key", "search_own", "search_accounts", "submission", "archived_on"}
    )
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        UniqueConstraint("reseller_id", "organization_key"),
        UniqueConstraint("reseller_id", "number"),
        UniqueConstraint("reseller_id", "submission"),
        Index(
            "ix_customers_reseller_id_status_organization_key", "reseller_id", "status", "organization_key"
        ),
        Index("ix_customers_reseller_id_created_at", "reseller_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    organization: Mapped[str] = mapped_column(String(200))
    organization_key: Mapped[str] = mapped_column(FoldedKey)
    external_id: Mapped[str] = mapped_column(String(100), default="")
    contact_name: Mapped[str] = mapped_column(String(120))
    contact_title: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(320))
    phone: Mapped[str] = mapped_column(String(60), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2))
    language: Mapped[str] = mapped_column(String(10), default="en")
    spend_threshold_amount: Mapped[Decimal | None] = mapped_column(ExactDecimal(16, 2))
    spend_threshold_currency: Mapped[str] = mapped_column(String(3), default="")
    status: Mapped[CustomerStatus] = mapped_column(StrEnumType(CustomerStatus), default=CustomerStatus.ACTIVE)
    archived_on: Mapped[datetime.date | None] = mapped_column(Date)
    custom_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    search_own: Mapped[str] = deferred(mapped_column(FoldedText, default=""))
    search_accounts: Mapped[str] = deferred(mapped_column(FoldedText, default=""))
    submission: Mapped[str | None] = mapped_column(String(64))  # makes a repeated "create" one customer
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)

    reseller: Mapped[Reseller] = relationship(Reseller)
    enablements: Mapped[list[ProviderEnablement]] = relationship(
        "ProviderEnablement", back_populates="customer", order_by="ProviderEnablement.provider_id"
    )
    tax_links: Mapped[list[CustomerTaxRate]] = relationship("CustomerTaxRate", back_populates="customer")

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.organization

    @property
    def account_number(self) -> str:
        """The number as people read and type it."""
        return f"C-{self.number}"

    @property
    def is_archived(self) -> bool:
        return self.status is CustomerStatus.ARCHIVED


class ProviderEnablement(Dated, CustomerOwned, Model):
    """What a customer may do with one provider, and what it pays there.

    ``is_authorised``: the customer may buy its services, all of them or (``services``) the chosen ones. ``pricebook``
    empty means the master, ``currency`` is that of its statements. ``pass_reserved_instances`` and
    ``pass_savings_plans`` matter for AWS only. A month before ``counts_from`` that has no earlier terms is billed at
    the master, in the currency that is chosen now, and nothing is passed on.
    """

    __tablename__ = "provider_enablements"
    __terms__ = (
        "pricebook_id",
        "currency",
        "pass_reserved_instances",
        "pass_savings_plans",
        "pass_provider_credits",
    )
    __audit_name__ = "customer_provider"
    __audit_links__ = ("provider", "pricebook")
    __table_args__ = (
        UniqueConstraint("reseller_id", "customer_id", "provider_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(["reseller_id", "pricebook_id"], ["pricebooks.reseller_id", "pricebooks.id"]),
        Index(
            "ix_provider_enablements_reseller_id_provider_id", "reseller_id", "provider_id", "is_authorised"
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    is_authorised: Mapped[bool] = mapped_column(Boolean, default=False)
    services: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # None: all of them
    pricebook_id: Mapped[int | None] = mapped_column(Integer)
    in_portal: Mapped[bool] = mapped_column(Boolean, default=False)
    may_request_accounts: Mapped[bool] = mapped_column(Boolean, default=False)
    currency: Mapped[str] = mapped_column(String(3))
    pass_reserved_instances: Mapped[bool] = mapped_column(Boolean, default=False)
    pass_savings_plans: Mapped[bool] = mapped_column(Boolean, default=False)
    pass_provider_credits: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)

    customer: Mapped[Customer] = relationship(
        Customer,
        back_populates="enablements",
        foreign_keys=[customer_id],
        primaryjoin="ProviderEnablement.customer_id == Customer.id",
    )
    provider: Mapped[Provider] = relationship(Provider, lazy="joined")
    pricebook: Mapped[Pricebook | None] = relationship(
        Pricebook,
        foreign_keys=[pricebook_id],
        primaryjoin="ProviderEnablement.pricebook_id == Pricebook.id",
        active_history=True,  # the change log names the book that was there before
    )

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return str(self.provider)


class CustomerTaxRate(CustomerOwned, Model):
    """A tax rate of a customer's newest tax profile (``app.taxes.models.TaxProfile``)."""

    __tablename__ = "customer_tax_rates"
    __audit_name__ = "customer_tax_rate"
    __audit_links__ = ("tax_rate",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "customer_id", "tax_rate_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(["reseller_id", "tax_rate_id"], ["tax_rates.reseller_id", "tax_rates.id"]),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    tax_rate_id: Mapped[int] = mapped_column(Integer)

    customer: Mapped[Customer] = relationship(
        Customer,
        back_populates="tax_links",
        foreign_keys=[customer_id],
        primaryjoin="CustomerTaxRate.customer_id == Customer.id",
    )
    tax_rate: Mapped[TaxRate] = relationship(
        TaxRate,
        foreign_keys=[tax_rate_id],
        primaryjoin="CustomerTaxRate.tax_rate_id == TaxRate.id",
        lazy="joined",
        innerjoin=True,
    )

    def __str__(self) -> str:
        return str(self.tax_rate)
