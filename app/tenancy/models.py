"""The reseller: the owner of everything below it."""

from __future__ import annotations

import datetime

from flask_appbuilder import Model
from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.kernel.types import UtcDateTime
from app.tenancy.owned import ResellerRule


class Reseller(Model):
    """A company that resells cloud services. ``nickname`` names it in URLs, ``currency`` is that of its statements."""

    __tablename__ = "resellers"
    __guard__ = ResellerRule()
    __audit_name__ = "reseller"
    __audit_ignored__ = frozenset({"last_customer_number"})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    nickname: Mapped[str] = mapped_column(String(40), unique=True)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    languages: Mapped[str] = mapped_column(
        String(100), default="en"
    )  # codes, comma separated, first is the default
    operations_email: Mapped[str] = mapped_column(String(320), default="")

    legal_name: Mapped[str] = mapped_column(String(200), default="")
    tax_number: Mapped[str] = mapped_column(String(60), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    support_email: Mapped[str] = mapped_column(String(320), default="")
    portal_name: Mapped[str] = mapped_column(
        String(100), default="", server_default=""
    )  # empty: the reseller's name
    brand_color: Mapped[str] = mapped_column(
        String(7), default="", server_default=""
    )  # "#rrggbb"; empty: the product's own
    portal_host: Mapped[str | None] = mapped_column(
        String(253), index=True, unique=True
    )  # set by the platform only
    logo: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    logo_type: Mapped[str] = mapped_column(String(40), default="")

    last_customer_number: Mapped[int] = mapped_column(Integer, default=1000)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name under which customers know the reseller: in the portal, in mails, on statements."""
        return self.portal_name or self.name

    @property
    def language_codes(self) -> list[str]:
        """The languages this reseller works in, the default first."""
        return [code for code in self.languages.split(",") if code]
