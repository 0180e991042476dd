"""One entry of the audit log. Entries are only ever added; the database refuses to change or delete them."""

from __future__ import annotations

import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import UtcDateTime
from app.tenancy.owned import AuditRule


class AuditEntry(Model):
    """What one person or the system did to one record.

    ``changes`` maps a field to ``[before, after]`` as text. ``request_id`` is empty where no request did it.
    ``customer_id`` is set where the record belongs to a customer, so that the customer's own part can be shown. No
    foreign keys: entries outlive what they tell of.
    """

    __tablename__ = "audit_entries"
    __guard__ = AuditRule()
    __table_args__ = (
        Index("ix_audit_entries_reseller_id_at", "reseller_id", "at"),
        Index("ix_audit_entries_reseller_id_customer_id_at", "reseller_id", "customer_id", "at"),
        Index("ix_audit_entries_reseller_id_request_id_at", "reseller_id", "request_id", "at"),
        Index("ix_audit_entries_record_id_record_type_at", "record_id", "record_type", "at"),
        # What the platform sees, word for word as AuditRule says it: engines compare the condition as it is written.
        Index(
            "ix_audit_entries_platform_at",
            "at",
            postgresql_where=text("reseller_id IS NULL OR is_platform_actor IS true"),
            sqlite_where=text("reseller_id IS NULL OR is_platform_actor IS 1"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reseller_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("resellers.id"))
    customer_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    actor_name: Mapped[str] = mapped_column(String(200))
    is_platform_actor: Mapped[bool] = mapped_column(Boolean, default=False)
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    record_type: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int | None] = mapped_column(Integer)
    record_name: Mapped[str] = mapped_column(String(250), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def actor_kind(self) -> str:
        """``person`` or ``system``: the timeline draws them differently."""
        return "system" if self.actor_id is None else "person"
