"""An uploaded customer file between its dry run and its application."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.kernel.types import StrEnumType, UtcDateTime
from app.tenancy.owned import TenantOwned


class ImportStatus(enum.StrEnum):
    """Where an import stands."""

    CHECKED = "checked"
    APPLIED = "applied"


class CustomerImport(TenantOwned, Model):
    """A customer file as it was uploaded, with what the dry run found.

    ``report`` holds what the page shows: the columns that are ignored, the first customers, the errors. ``content`` is
    emptied once the file is applied: the customers are there then.
    """

    __tablename__ = "customer_imports"
    __audit_name__ = "customer_import"
    __audit_ignored__ = frozenset({"content", "report", "status", "applied_at", "file_name", "created_by_id"})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    row_count: Mapped[int] = mapped_column(Integer)
    error_count: Mapped[int] = mapped_column(Integer)
    report: Mapped[dict[str, Any]] = deferred(mapped_column(JSON, default=dict, nullable=False))
    status: Mapped[ImportStatus] = mapped_column(StrEnumType(ImportStatus), default=ImportStatus.CHECKED)
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_applied(self) -> bool:
        return self.status is ImportStatus.APPLIED
