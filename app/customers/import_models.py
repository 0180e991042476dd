"""An uploaded customer file between its dry run and its application."""

from __future__ import annotations

import datetime
import enum

from flask_appbuilder import Model
from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.kernel.types import StrEnumType, UtcDateTime
from app.tenancy.owned import TenantOwned


class ImportStatus(enum.StrEnum):
    """Where an import stands."""

    CHECKED = "checked"
    APPLIED = "applied"


class CustomerImport(TenantOwned, Model):
    """A customer file as it was uploaded, with what the dry run counted."""

    __tablename__ = "customer_imports"
    __audit_name__ = "customer_import"
    __audit_ignored__ = frozenset({"content"})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    row_count: Mapped[int] = mapped_column(Integer)
    error_count: Mapped[int] = mapped_column(Integer)
    status: Mapped[ImportStatus] = mapped_column(StrEnumType(ImportStatus), default=ImportStatus.CHECKED)
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)

    def __str__(self) -> str:
        return self.file_name
