"""What a reseller wants to know of its customers beyond the standard fields."""

from __future__ import annotations

import enum

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.types import StrEnumType
from app.tenancy.owned import TenantOwned


class FieldType(enum.StrEnum):
    """What kind of value a custom field takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


class FieldTarget(enum.StrEnum):
    """What the field describes."""

    CUSTOMER = "customer"
    CLOUD_ACCOUNT = "cloud_account"


class CustomFieldDefinition(TenantOwned, Model):
    """One custom field. ``name`` is its key in exports and stays; ``label`` is what people read.

    A retired field keeps its values, in exports of old months too, and is no longer asked for.
    """

    __tablename__ = "custom_field_definitions"
    __audit_name__ = "custom_field"
    __table_args__ = (UniqueConstraint("reseller_id", "target", "name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    target: Mapped[FieldTarget] = mapped_column(StrEnumType(FieldTarget), default=FieldTarget.CUSTOMER)
    name: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(200))
    type: Mapped[FieldType] = mapped_column(StrEnumType(FieldType), default=FieldType.TEXT)
    is_required: Mapped[bool] = mapped_column(Boolean, default=False)
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(Integer, default=100)
    in_billing_reports: Mapped[bool] = mapped_column(Boolean, default=True)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    def __str__(self) -> str:
        return self.label
