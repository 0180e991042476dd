"""Imports of usage, the parts they brought, and which months of a provider are closed."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.jobs.models import Job
from app.kernel.types import MonthDate, StrEnumType, UtcDateTime
from app.providers.models import Provider
from app.tenancy.owned import TenantOwned


class ImportState(enum.StrEnum):
    """Where an import stands; the last four are ends. ``refused``: the file cannot be used."""

    UPLOADING = "uploading"
    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_DECISION = "needs_decision"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    DISMISSED = "dismissed"


class Origin(enum.StrEnum):
    """How a file came in."""

    UPLOAD = "upload"
    COMMAND = "command"
    FOLDER = "folder"
    DEMO = "demo"


class UsageImport(TenantOwned, Model):
    """One file of usage, and what became of it.

    ``kept_name`` is the file's name among the kept uploads; empty once nobody needs it any more. ``received`` of its
    ``size`` bytes are there. ``asked_*`` is what whoever sent it said of it. ``accepted`` are the questions that a
    person answered with yes (see ``decisions.Question``). ``report`` is what the page shows. ``origin_key`` makes a
    file of a watched folder one import until it changes.
    """

    __tablename__ = "usage_imports"
    __audit_name__ = "usage_import"
    __audit_ignored__ = frozenset(
        {
            "kept_name",
            "file_hash",
            "report",
            "job_id",
            "origin_key",
            "created_by",
            "ended_at",
            "size",
            "received",
            "state",
            "asked_source",
            "asked_month",
            "asked_provider_id",
            "origin",
            "row_count",
            "rejected_count",
            "format",
        }
    )
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        UniqueConstraint("reseller_id", "origin_key"),
        ForeignKeyConstraint(["reseller_id", "job_id"], ["jobs.reseller_id", "jobs.id"]),
        Index("ix_usage_imports_reseller_id_state", "reseller_id", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(250))
    kept_name: Mapped[str] = mapped_column(String(80), default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    file_hash: Mapped[str] = mapped_column(String(64), default="")
    format: Mapped[str] = mapped_column(String(40), default="")
    origin: Mapped[Origin] = mapped_column(StrEnumType(Origin), default=Origin.UPLOAD)
    origin_key: Mapped[str | None] = mapped_column(String(500))
    asked_provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    asked_month: Mapped[datetime.date | None] = mapped_column(MonthDate)
    asked_source: Mapped[str] = mapped_column(String(128), default="")
    state: Mapped[ImportState] = mapped_column(StrEnumType(ImportState), default=ImportState.QUEUED)
    accepted: Mapped[list[str]] = mapped_column(JSON, default=list)
    row_count: Mapped[int] = mapped_column(BigInteger, default=0)
    rejected_count: Mapped[int] = mapped_column(BigInteger, default=0)
    report: Mapped[dict[str, Any]] = deferred(mapped_column(JSON, default=dict, nullable=False))
    job_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)

    asked_provider: Mapped[Provider | None] = relationship(Provider)
    job: Mapped[Job | None] = relationship(
        Job, foreign_keys=[job_id], primaryjoin="UsageImport.job_id == Job.id"
    )

    @property
    def shown_state(self) -> ImportState:
        """Where it stands for people: one whose workers all died has failed."""
        is_under_way = self.state in (ImportState.QUEUED, ImportState.RUNNING)
        if is_under_way and self.job is not None and not self.job.is_live:
            return ImportState.FAILED
        return self.state

    def __str__(self) -> str:
        return self.file_name


class UsagePart(TenantOwned, Model):
    """One version of what a source delivered for a provider's month: the files in the store that this row names.

    A version is live until it is replaced; one that an issued statement used is kept after that. ``days`` are the days
    of the month with data. ``totals`` are exact sums by currency, as text: {currency: {list, effective, billed}}.
    ``is_incomplete``: rows were left out, because a person said so.
    """

    __tablename__ = "usage_parts"
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        ForeignKeyConstraint(["reseller_id", "import_id"], ["usage_imports.reseller_id", "usage_imports.id"]),
        Index(
            "ix_usage_parts_live",
            "reseller_id",
            "provider_id",
            "source",
            "month",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        Index("ix_usage_parts_reseller_id_month", "reseller_id", "month"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    source: Mapped[str] = mapped_column(String(128))
    month: Mapped[datetime.date] = mapped_column(MonthDate)
    version: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int] = mapped_column(BigInteger)
    account_count: Mapped[int] = mapped_column(Integer, default=0)
    content_hash: Mapped[str] = mapped_column(String(64))
    totals: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    days: Mapped[list[int]] = mapped_column(JSON, default=list)
    is_incomplete: Mapped[bool] = mapped_column(Boolean, default=False)
    import_id: Mapped[int] = mapped_column(Integer)
    imported_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")
    usage_import: Mapped[UsageImport] = relationship(
        UsageImport, foreign_keys=[import_id], primaryjoin="UsagePart.import_id == UsageImport.id"
    )

    @property
    def is_live(self) -> bool:
        """Is this what the source says of the month now?"""
        return self.replaced_at is None

    def __str__(self) -> str:
        return f"{self.provider} {self.source} {self.month:%Y-%m}"


class ProviderMonth(TenantOwned, Model):
    """A provider's month that somebody has closed or opened again; a month without a row is open.

    Statements of an open month are estimated.
    """

    __tablename__ = "provider_months"
    __audit_name__ = "provider_month"
    __audit_links__ = ("provider",)
    __audit_ignored__ = frozenset({"closed_at", "closed_by"})
    __table_args__ = (UniqueConstraint("reseller_id", "provider_id", "month"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    month: Mapped[datetime.date] = mapped_column(MonthDate)
    is_closed: Mapped[bool] = mapped_column(Boolean, default=False)
    closed_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(200), default="")

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")

    def __str__(self) -> str:
        return f"{self.provider} {self.month:%Y-%m}"
