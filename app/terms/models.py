"""The reseller's terms, version by version, and who accepted which (domain, 12 and 13.1)."""

from __future__ import annotations

import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.types import UtcDateTime
from app.tenancy.owned import CustomerOwned, ShownToCustomers


class TermsVersion(ShownToCustomers, Model):
    """One version of the terms. ``number`` and ``published_at`` are empty while it is the draft, of which there is one.

    ``texts`` is language -> sanitised HTML. The database refuses to change or delete what was published.
    """

    __tablename__ = "terms_versions"
    __audit_name__ = "terms_version"
    __audit_ignored__ = frozenset({"published_by"})
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        UniqueConstraint("reseller_id", "number"),
        Index(
            "uq_terms_versions_reseller_id_draft",
            "reseller_id",
            unique=True,
            sqlite_where=text("number IS NULL"),
            postgresql_where=text("number IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int | None] = mapped_column(Integer)
    #: Read by those who show them.
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    published_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(String(130), default="")
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return "" if self.number is None else str(self.number)

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    def text_in(self, *languages: str) -> str:
        """Return the text in the first of ``languages`` that it has, else in any."""
        found = next((self.texts[code] for code in languages if self.texts.get(code)), None)
        return str(found or next(iter(self.texts.values()), ""))


class TermsAcceptance(CustomerOwned, Model):
    """One person's acceptance of one version: who it was then, for which company, when and from which address.

    It stays when the login goes, by the name and the address that the person had.
    """

    __tablename__ = "terms_acceptances"
    __audit_name__ = "terms_acceptance"
    __audit_ignored__ = frozenset({"user_id", "address", "accepted_at"})
    __audit_links__ = ("terms",)
    __table_args__ = (
        UniqueConstraint("reseller_id", "terms_version_id", "user_id"),
        ForeignKeyConstraint(["reseller_id", "customer_id"], ["customers.reseller_id", "customers.id"]),
        ForeignKeyConstraint(
            ["reseller_id", "terms_version_id"], ["terms_versions.reseller_id", "terms_versions.id"]
        ),
        Index("ix_terms_acceptances_reseller_id_accepted_at", "reseller_id", "accepted_at"),
        Index("ix_terms_acceptances_reseller_id_customer_id", "reseller_id", "customer_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Integer)
    terms_version_id: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"), index=True)
    person_name: Mapped[str] = mapped_column(String(130))
    person_email: Mapped[str] = mapped_column(String(320))
    organization: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64), default="")
    accepted_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)

    terms: Mapped[TermsVersion] = relationship(
        TermsVersion,
        foreign_keys=[terms_version_id],
        primaryjoin="TermsAcceptance.terms_version_id == TermsVersion.id",
        lazy="joined",
        innerjoin=True,
    )

    def __str__(self) -> str:
        return self.person_name
