"""Find the audit entries of one record, such as the sign-ins of one login, without reading all of them."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_audit_entries_record_id_record_type_at", "audit_entries", ["record_id", "record_type", "at"]
    )


def downgrade() -> None:
    op.drop_index("ix_audit_entries_record_id_record_type_at", table_name="audit_entries")
