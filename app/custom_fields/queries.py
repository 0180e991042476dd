"""Who holds values of a custom field.

The holders stand above this slice, so they are found by their tables: each keeps ``custom_values``, a mapping of field
names to values.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.audit.vocabulary import YES_NO
from app.audit.words import OwnField
from app.custom_fields.models import CustomFieldDefinition, FieldTarget, FieldType
from app.extensions import db
from app.kernel.references import model_of_table

HOLDER_TABLES = {FieldTarget.CUSTOMER: "customers", FieldTarget.CLOUD_ACCOUNT: "cloud_accounts"}


def _holder(target: FieldTarget) -> Any:
    model = model_of_table(HOLDER_TABLES[target])
    return model if model is not None and hasattr(model, "custom_values") else None


def count_values(field: CustomFieldDefinition, *, value: str | None = None) -> int:
    """Return how many records hold a value of this field, or this one ``value``."""
    holder = _holder(field.target)
    if holder is None:
        return 0
    held = holder.custom_values[field.name].as_string()
    condition = held.is_not(None) if value is None else held == value
    return db.session.scalar(select(func.count(holder.id)).where(condition)) or 0


def fields_in_words() -> dict[tuple[str, str], OwnField]:
    """Return how the change log calls the fields of the reseller in scope, by kind of record and name in the log."""
    return {
        (one.target.value, f"custom_values.{one.name}"): OwnField(
            one.label, YES_NO if one.type is FieldType.YES_NO else {}
        )
        for one in db.session.scalars(select(CustomFieldDefinition))
    }
