"""What a reseller decides about its storefront, its customer portal (domain, 12 and 13.1) and its statements."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.months.terms import Dated
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
    "allows_purchasing": False,
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


class InvoiceOptions(Dated, TenantOwned, Model):
    """How statements are made, for all customers: one row per reseller; none means the defaults of the columns."""

    __tablename__ = "invoice_options"
    __audit_name__ = "invoice_options"
    __terms__ = ("credits_lower_tax_base",)
    __table_args__ = (UniqueConstraint("reseller_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    credits_lower_tax_base: Mapped[bool] = mapped_column(Boolean, default=True)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return ""
