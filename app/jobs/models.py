"""Jobs: work that takes longer than a request may, as rows. The row is the truth about each."""

from __future__ import annotations

import datetime
import enum

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Boolean, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import StrEnumType, UtcDateTime
from app.tenancy.owned import TenantOwned


class JobState(enum.StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: A job in one of these states will be worked on, or is just now.
LIVE = (JobState.QUEUED, JobState.RUNNING)


class Job(TenantOwned, Model):
    """One piece of work: ``kind`` says which, ``subject_id`` on what row.

    ``done`` of ``total`` is its progress in the worker's own unit (0 of 0: not known); ``message`` what it is at, as
    a word that the screen translates. ``claim`` is the worker's that has it, and ``heartbeat_at`` the last sign of that
    worker's life. ``error`` is why it failed, in words for people. ``actor_*`` is who started it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("reseller_id", "id"),
        Index("ix_jobs_state", "state", "id"),
        Index("ix_jobs_reseller_id_kind_subject_id", "reseller_id", "kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(Integer)
    state: Mapped[JobState] = mapped_column(StrEnumType(JobState), default=JobState.QUEUED)
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    message: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str] = mapped_column(String(1000), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    queued_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    is_platform_actor: Mapped[bool] = mapped_column(Boolean, default=False)

    @property
    def is_live(self) -> bool:
        """Is it waiting, or worked on?"""
        return self.state in LIVE

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
