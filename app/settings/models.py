"""What a reseller decides about its storefront, its customer portal (domain, 12 and 13.1) and its statements."""

from __future__ import annotations

import enum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import StrEnumType
from app.months.terms import Dated
from app.rating.commitments import PurchaseMode
from app.tenancy.owned import ShownToCustomers, TenantOwned

#: What holds until the reseller decides otherwise.
DEFAULTS: dict[str, Any] = {
    "is_signup_open": True,
    "requires_email_validation": True,
    "requires_address": True,
    "requires_terms": True,
    "approves_automatically": False,
    "green_domains": "",
    "red_domains": "",
    "signup_text": "",
    "shows_catalog": False,
    "shows_dashboard": True,
    "shows_reports": True,
    "allows_purchasing": True,
    "shows_statements": True,
    "shows_accounts": True,
    "shows_company": True,
    "requires_terms_for_accounts": False,
}


class StorefrontSettings(ShownToCustomers, Model):
    """One row per reseller; none means ``DEFAULTS``. Domains are one a line; ``signup_text`` is sanitised HTML."""

    __tablename__ = "storefront_settings"
    __audit_name__ = "storefront_settings"
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    is_signup_open: Mapped[bool] = mapped_column(Boolean)
    requires_email_validation: Mapped[bool] = mapped_column(Boolean)
    requires_address: Mapped[bool] = mapped_column(Boolean)
    requires_terms: Mapped[bool] = mapped_column(Boolean)
    approves_automatically: Mapped[bool] = mapped_column(Boolean)
    green_domains: Mapped[str] = mapped_column(Text)
    red_domains: Mapped[str] = mapped_column(Text)
    signup_text: Mapped[str] = mapped_column(Text)
    shows_catalog: Mapped[bool] = mapped_column(Boolean)
    shows_dashboard: Mapped[bool] = mapped_column(Boolean)
    shows_reports: Mapped[bool] = mapped_column(Boolean)
    allows_purchasing: Mapped[bool] = mapped_column(Boolean)
    shows_statements: Mapped[bool] = mapped_column(Boolean)
    shows_accounts: Mapped[bool] = mapped_column(Boolean)
    shows_company: Mapped[bool] = mapped_column(Boolean)
    requires_terms_for_accounts: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return ""


class FormerNickname(TenantOwned, Model):
    """A nickname that a reseller gave up. Nobody else gets it: old links would lead to a stranger's portal."""

    __tablename__ = "former_nicknames"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    nickname: Mapped[str] = mapped_column(String(40), unique=True)


class PaymentTerm(enum.StrEnum):
    """When a statement is due."""

    ON_RECEIPT = "on_receipt"
    AFTER_ISSUE = "after_issue"  # so many days after the day of issue
    AFTER_MONTH = "after_month"  # so many days after the end of the month of issue


class PageSize(enum.StrEnum):
    """The paper of statements."""

    A4 = "A4"
    LETTER = "Letter"


class InvoiceOptions(Dated, TenantOwned, Model):
    """How statements are made, for all customers: one row per reseller; none means the defaults of the columns.

    The terms are what moves money. ``billed_cost_providers``: codes of the providers whose billed cost is the seller
    cost, in the month it was paid; of all others it is the amortised one. The rest holds for what is issued next:
    ``number_format`` as ``settings.numbering`` reads it, ``next_number`` is taken under the reseller's row.
    """

    __tablename__ = "invoice_options"
    __audit_name__ = "invoice_options"
    __terms__ = ("credits_lower_tax_base", "purchase_mode", "includes_marketplace", "billed_cost_providers")
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    credits_lower_tax_base: Mapped[bool] = mapped_column(Boolean, default=True)
    purchase_mode: Mapped[PurchaseMode] = mapped_column(
        StrEnumType(PurchaseMode), default=PurchaseMode.AMORTISED
    )
    includes_marketplace: Mapped[bool] = mapped_column(Boolean, default=True)
    billed_cost_providers: Mapped[list[str]] = mapped_column(JSON, default=list)
    payment_term: Mapped[PaymentTerm] = mapped_column(
        StrEnumType(PaymentTerm), default=PaymentTerm.AFTER_ISSUE
    )
    payment_days: Mapped[int] = mapped_column(Integer, default=30)
    number_format: Mapped[str] = mapped_column(String(40), default="{year}-{number:5}")
    next_number: Mapped[int] = mapped_column(Integer, default=1)
    notes: Mapped[str] = mapped_column(Text, default="")
    groups_by_account: Mapped[bool] = mapped_column(Boolean, default=True)
    shows_custom_fields: Mapped[bool] = mapped_column(Boolean, default=False)
    page_size: Mapped[PageSize] = mapped_column(StrEnumType(PageSize), default=PageSize.A4)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return ""
